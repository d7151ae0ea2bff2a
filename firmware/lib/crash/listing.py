"""The command `crash`: lists reports, fetches one, and hears which ones a host has."""

import json

from mqrepl.reply import Failure

from . import alive

_LONGEST = 24  # characters of an id


def command(crash, reply, head):
    if not hasattr(reply, "result"):
        raise Failure("io", "this board has this command in version 2 of the wire only")
    folder = crash.occasional("folder")
    if "seen" in head:
        return _seen(crash, folder, reply, head["seen"])
    if "id" in head:
        reply.result(_whole(folder, head["id"]))
    else:
        reply.result({"crashes": _all(folder)})
    return None


def _all(folder):
    found = []
    for _, _, report in reversed(alive.held):
        report = json.loads(report)
        report["text"] = report.pop("trace", "").rstrip("\n").split("\n")[-1]
        found.append(_brief(report, False))
    for _, _, seen, path in folder.entries():
        try:
            found.append(_brief(folder.brief(path), seen))
        except (OSError, ValueError, KeyError):
            pass  # spoilt
    return found


def _brief(report, seen):
    report["seen"] = seen
    again = alive.counts.get(report["id"])
    if again:
        report["again"] = again
    return report


def _whole(folder, ident):
    for held in alive.held:
        if held[1] == ident:
            report = held[2]
            break
    else:
        path = folder.find(ident)
        if not path:
            raise Failure("missing", "this board has no report %s" % ident)
        report = folder.whole(path, 0)
    again = alive.counts.get(ident)
    return report[:-1] + b', "again": %d}' % again if again else report


async def _seen(crash, folder, reply, ids):
    if not isinstance(ids, list):
        raise Failure("bad", "expected a list of ids as `seen`")
    from . import reporting

    count = 0
    for ident in ids:
        if not _is_id(ident):
            raise Failure("bad", "%r is not the id of a report" % ident)
        # First the broker: after a reset in between the report is published once more.
        await crash.mqtt.client.publish(crash.topic + ident, b"", retain=True, qos=1)
        count += folder.mark_seen(ident) | reporting.forget(ident)
    reply.result({"seen": count})


def _is_id(ident):
    if not isinstance(ident, str) or not 0 < len(ident) <= _LONGEST:
        return False
    return all(c in "0123456789abcdef." for c in ident)
