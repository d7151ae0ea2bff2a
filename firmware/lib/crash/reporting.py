"""From an exception to its report: loaded with the first one, and kept, for it may come again."""

import gc
import sys

import boot_id
from micropython import const

from . import alive

_MINUTE = const(60)
_KNOWN = const(8)  # different exceptions of this boot that are recognised
_HELD = const(2)  # reports that wait for room in the flash, or for a host
_MEMORY = const(2048)  # bytes of RTC memory
_SHORT = const(240)  # bytes of frames: two reports have to fit into RTC memory

crash = sys.modules["crash"]
_known = []  # (key, id) of this boot's exceptions
_busy = False  # writing a report


def report(exception, where, restarting):
    from .trace import Trace

    free = gc.mem_free()
    trace = Trace(exception)
    for key, ident in _known:
        if key == trace.key and not restarting:
            again(ident)
            return
    ident = "%x.%d" % (boot_id.number, alive.crashes + 1)
    brief = {"id": ident, "kind": "exception", "where": where, "up": alive.uptime(), "free": free}
    brief["trace"] = trace.text(_SHORT)
    if restarting:
        brief["restarted"] = True
    held = hold(trace.key, brief)
    alive.crashes += 1
    _known.append((trace.key, ident))
    del _known[:-_KNOWN]
    try:
        doing = crash.occasional("common").words(alive.note)
        if restarting:
            reason = trace.words().rstrip()
            kept = alive.end(alive.CRASHED, reason.encode()) or crash.occasional("ending").save()
        else:
            alive.write()
        if doing and alive.state != alive.INTENDED:
            brief["doing"] = doing
        brief["trace"] = trace.text()
        if store(held, brief) and restarting and not kept:
            crash.occasional("folder").leave(alive.CRASHED, reason)
    except Exception as e:  # it stays in memory, and is published from there
        gc.collect()
        crash.log.error("report %s is not in the flash: %r", ident, e)


def hold(key, brief):
    """Keeps a report in memory, also in that which outlives a reset, until it is stored."""
    import json

    held = key, brief["id"], json.dumps(brief).encode()
    alive.held.append(held)
    del alive.held[:-_HELD]
    keep()
    crash.due[held[1]] = 0
    return held


def keep():
    """To be called when alive.held or alive.counts have changed."""
    room = _MEMORY - alive.HEAD - alive.RING
    kept = b""
    for key, ident, report in reversed(alive.held):
        line = b"%d %d %s\n" % (key, alive.counts.get(ident, 0), report)
        if len(kept) + len(line) <= room:
            kept += line
    alive.kept = kept


def store(held, report):
    """Puts a report into the flash, unless the same is there, or too many were. Whether it did."""
    global _busy
    if _busy:
        return False
    _busy = True
    key, ident, _ = held
    try:
        known = crash.occasional("writer").write(report, key)
    finally:
        _busy = False
    if not known:
        return False
    alive.held.remove(held)
    keep()
    alive.write()
    if known != ident:
        again(known)
        crash.due[known] = crash.due.pop(ident)
        if (key, ident) in _known:
            _known[_known.index((key, ident))] = (key, known)
    return known == ident


def again(ident):
    """The report of this id has come again: counted, and published once a minute."""
    alive.counts[ident] = alive.counts.get(ident, 0) + 1
    if crash.unseen and crash.unseen[0] == ident:
        alive.again = alive.counts[ident]
    keep()
    alive.write()
    if ident not in crash.due:
        crash.due[ident] = alive.uptime() + _MINUTE


def forget(ident):
    """A host has this report. True where it was held in memory."""
    unseen = crash.unseen
    if ident in unseen:
        unseen.remove(ident)
        alive.again = alive.counts.get(unseen[0], 0) if unseen else 0
    kept = [held for held in alive.held if held[1] != ident]
    was = len(kept) < len(alive.held)
    if was:
        # It is nowhere else: the next of its kind is a new one.
        alive.held[:] = kept
        _known[:] = [entry for entry in _known if entry[1] != ident]
    keep()
    alive.write()
    return was
