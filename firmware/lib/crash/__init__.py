"""What ends or disturbs a boot is told: reports in the flash, and P/mqb/crash/<id>, retained.

    import crash
    crash.reset("new settings")  # machine.reset(), and the next boot knows why
    crash.note("to sleep")  # the same for a reset or a sleep of your own, within a minute
    crash.report(exception, "heating")  # what you catch and want to be told of

Nothing here raises, whatever goes wrong. What is needed only when something has happened is loaded
then, and dropped: last_boot, writer, folder, publish, listing.
"""

import asyncio
import gc
import logging
import sys

import boot_id
import log_lines
from micropython import const

from . import alive
from .trace import Trace, decoded

_STEP = const(5)  # seconds between two notes
_MINUTE = const(60)
_KNOWN = const(8)  # different exceptions of this boot that are recognised
_HELD = const(2)  # reports that wait for room in the flash, or for a host
_SHORT = const(240)  # bytes of frames: two reports have to fit into RTC memory

log = logging.getLogger("crash")
facts = {}  # of this boot, for the birth message
unseen = []  # ids of the reports in the flash that no host has seen, newest first
spent = 0  # uptime at the last write of a report
_known = []  # (key, id) of this boot's exceptions
_due = {}  # by id: uptime from which on it may be published
_busy = False  # writing a report
_publishing = False
_noted = 0  # uptime at the last note()
mqtt = None  # the MQTT of module mqtt
topic = None  # of reports, up to their id


def occasional(name):
    """A module of this package that does not stay in memory."""
    module = __import__("crash." + name, None, None, ("*",))
    sys.modules.pop("crash." + name, None)
    globals().pop(name, None)
    return module


def make_room():
    memory = sys.modules.get("mqrepl.memory")
    if memory and memory.shed:
        memory.give_way()
    gc.collect()


def begin():
    """Once, before anything else: finds out what became of the boot before."""
    try:
        ring = getattr(log_lines, "ring", None)
        if ring:
            ring.heard = alive.line
        occasional("last_boot").tell(facts)
    except Exception as e:
        log.exc(e, "what became of the last boot is not known")


def start(owner, config, prefix):
    """`config`: `note_minutes`, minutes between notes in NVS, 0: none; `prefix` is mqrepl's."""
    global mqtt, topic
    mqtt = owner
    if isinstance(prefix, str):
        topic = prefix.rstrip("/") + "/crash/"
        mqtt.on_mqtt(_connected)
    minutes = config.get("note_minutes")
    asyncio.create_task(_live(_MINUTE * (minutes if isinstance(minutes, int) else 10)))


async def _connected(connected):
    if connected:
        for ident in unseen + [held[1] for held in alive.held]:
            _due[ident] = 0


async def _live(pause):
    seconds = saved = 0
    while True:
        await asyncio.sleep_ms(1000)
        try:
            seconds += 1
            if seconds % _STEP == 0:
                now = alive.uptime()
                if alive.state == alive.INTENDED and now - _noted > _MINUTE:
                    note(None)
                alive.write()
                if pause and now - saved >= pause:
                    saved = now
                    alive.save()
            if _due and not _publishing and topic and mqtt.client and mqtt.client.isconnected():
                _publish()
        except Exception as e:
            caught(log, e, "crash", "the note of this boot is not written")


def _publish():
    global _publishing
    now = alive.uptime()
    ids = [ident for ident in _due if _due[ident] <= now]
    if ids:
        for ident in ids:
            del _due[ident]
        asyncio.create_task(_published(ids))
        _publishing = True


async def _published(ids):
    global _publishing
    try:
        await occasional("publish").publish(sys.modules["crash"], ids)
    except (MemoryError, OSError):
        make_room()
        for ident in ids:
            _due[ident] = alive.uptime() + _MINUTE
    finally:
        _publishing = False


def note(reason):
    """Says why the reset comes that follows within a minute; None: it does not come."""
    global _noted
    _noted = alive.uptime()
    try:
        if reason is None:
            alive.end(alive.RUNNING, b"")
        elif not alive.end(alive.INTENDED, str(reason).encode()):
            occasional("folder").leave(alive.INTENDED, str(reason))
    except Exception as e:
        log.exc(e, "the reason of the reset is not noted")


def reset(reason):
    """machine.reset(), and the next boot knows why."""
    import machine

    note(reason)
    machine.reset()


def caught(logger, exception, where, text, *args):
    """Reports and logs what a piece of the framework has caught."""
    report(exception, where)
    try:
        logger.exc(exception, text, *args)
    except Exception:
        make_room()


def report(exception, where, restarting=False):
    """Tells of an exception: `where` it came out, in words; `restarting`: a reset follows."""
    for _ in range(2):
        try:
            if isinstance(exception, MemoryError):
                make_room()
            _report(exception, where, restarting)
            return
        except Exception:
            make_room()


def _report(exception, where, restarting):
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
        kept = alive.end(alive.CRASHED, trace.words.rstrip()) if restarting else alive.write()
        brief["trace"] = trace.text()
        if store(held, brief) and restarting and not kept:
            occasional("folder").leave(alive.CRASHED, decoded(trace.words))
    except Exception as e:  # it stays in memory, and is published from there
        make_room()
        log.error("report %s is not in the flash: %r", ident, e)


def hold(key, brief):
    """Keeps a report in memory, also in that which outlives a reset, until it is stored."""
    import json

    held = key, brief["id"], json.dumps(brief).encode()
    alive.held.append(held)
    del alive.held[:-_HELD]
    _due[held[1]] = 0
    return held


def store(held, report):
    """Puts a report into the flash, unless the same is there, or too many were. Whether it did."""
    global _busy
    if _busy:
        return False
    _busy = True
    key, ident, _ = held
    try:
        known = occasional("writer").write(report, key)
    finally:
        _busy = False
    if not known:
        return False
    alive.held.remove(held)
    if known != ident:
        _due[known] = _due.pop(ident)
        if (key, ident) in _known:
            _known[_known.index((key, ident))] = (key, known)
    alive.write()
    return known == ident


def forget(ident):
    """A host has this report. True where it was held in memory."""
    if ident in unseen:
        unseen.remove(ident)
        alive.again = alive.counts.get(unseen[0], 0) if unseen else 0
    kept = [held for held in alive.held if held[1] != ident]
    was = len(kept) < len(alive.held)
    if was:
        # It is nowhere else: the next of the kind is a new one.
        alive.held[:] = kept
        _known[:] = [entry for entry in _known if entry[1] != ident]
    alive.write()
    return was


def again(ident):
    """The report of this id has come again: counted, and published once a minute."""
    alive.counts[ident] = alive.counts.get(ident, 0) + 1
    if unseen and unseen[0] == ident:
        alive.again = alive.counts[ident]
    if ident not in _due:
        _due[ident] = alive.uptime() + _MINUTE


def command(reply, head, body):
    """The command `crash` of mqrepl."""
    return occasional("listing").command(sys.modules["crash"], reply, head)
