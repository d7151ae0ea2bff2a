"""Settings that can be changed while the board runs, see "Settings" of docs/protocol.md.

Loaded for the occasion. A module offers a setting of its own name by a function setting(*to): it
gives what holds; with an argument it sets it before, to what None means: as configured. A
ValueError says what it expected.
"""

import json
import logging
import sys

import __main__
import watchdog

from .reply import Failure

log = logging.getLogger("mqrepl")


def _setting(what):
    if what in ("log", "wake"):  # also where the configuration does not name it
        name = "wake" if what == "wake" else "log_levels"
        try:
            module = __import__(name)
        except MemoryError:
            sys.modules.pop(name, None)  # before 1.24 its beginning stays
            raise
    elif what == "mode":
        module = watchdog.occasional("restart")
    else:
        module = sys.modules.get(what)
    return getattr(module, "setting", None)


def _spoils(payload):
    """A kept `normal` would end each safe mode that follows bad boots as soon as it begins."""
    if watchdog.mode != "safe" or watchdog.held or b"normal" not in payload:
        return False
    return "safe" not in __main__.state


def command(reply, head, body):
    """The command `set`."""
    if "do" not in head:
        raise Failure("bad", "this board has this command in version 2 of the wire only")
    what = head.get("what")
    setting = _setting(what)
    if not setting:
        raise Failure("missing", "this board has no setting %s" % what)
    if what == "mode" and "to" in head:
        raise Failure("bad", "mode is set by a retained message, or by the command reset")
    try:
        reply.result(setting(head["to"]) if "to" in head else setting())
    except ValueError as e:
        raise Failure("bad", "%s: %s" % (what, e.args[0]))


def heard(what, payload, retained):
    """A message of the topic of a setting. False where there is no such setting."""
    if retained and what == "mode" and _spoils(payload):
        return True
    setting = _setting(what)
    if not setting:
        log.warning("there is no setting %s", what)
        return False
    try:
        to = json.loads(payload) if payload else None
    except ValueError:
        log.error("setting %s: expected JSON", what)
        return True
    try:
        setting(to)
        log.info("setting %s: %s", what, payload.decode() if payload else "as configured")
    except ValueError as e:
        log.error("setting %s: %s", what, e.args[0])
    return True
