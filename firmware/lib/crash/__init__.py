"""What ends or disturbs a boot is told: reports in the flash, and P/mqb/crash/<id>, retained.

    import crash
    crash.reset("new settings")  # machine.reset(), and the next boot knows why
    crash.note("to sleep")  # the same for a reset or a sleep of your own, within a minute
    crash.report(exception, "heating")  # what you catch and want to be told of

Nothing here raises, whatever goes wrong. What is needed only when something has happened is loaded
then: last_boot, ending, reporting with trace, writer, folder, publish, listing.
"""

import asyncio
import gc
import logging
import sys

import boot_id
from micropython import const

from . import alive

_STEP = const(5)  # seconds between two notes
_MINUTE = const(60)
_ROOM = const(8192)  # bytes free with which it is worth trying to load the code for reports

log = logging.getLogger("crash")
facts = {}  # of this boot, for the birth message
unseen = []  # ids of the reports in the flash that no host has seen, newest first
due = {}  # by id: uptime from which on it may be published
publishing = False
noted = 0  # uptime at the last note()
spent = 0  # uptime at the last report that went into the flash
mqtt = None  # the MQTT of module mqtt
topic = None  # of reports, up to their id
_later = None  # an exception that is reported when what its task has left is gone


def occasional(name):
    """A module of this package that does not stay in memory."""
    try:
        return __import__("crash." + name, None, None, ("*",))
    finally:  # also of one that there was no memory for: before 1.24 its beginning stays
        sys.modules.pop("crash." + name, None)
        globals().pop(name, None)


def make_room():
    memory = sys.modules.get("mqrepl.memory")
    if memory and memory.shed:
        memory.give_way()
    gc.collect()


async def live(pause):
    """Keeps the note, `pause` seconds apart also in NVS, and publishes what is due."""
    global _later
    seconds = saved = connects = 0
    while True:
        await asyncio.sleep_ms(1000)
        try:
            seconds += 1
            if seconds % _STEP == 0:
                alive.write()
                now = alive.uptime()
                if alive.state == alive.INTENDED and now - noted > _MINUTE:
                    note(None)
                if pause and now - saved >= pause:
                    saved = now
                    occasional("ending").save()
            if _later:
                exception, _later = _later, None
                caught(logging.getLogger("main"), exception, "task", "a task failed")
                exception = None
            if not topic or not mqtt.client or not mqtt.client.isconnected():
                continue
            if connects != mqtt.client.connects:
                connects = mqtt.client.connects
                for ident in unseen + [held[1] for held in alive.held]:
                    due[ident] = 0
            if due and not publishing and min(due.values()) <= alive.uptime():
                await _publish_held()
                if due:
                    occasional("publish").begin(sys.modules["crash"])
        except MemoryError:
            for ident in due:
                due[ident] = alive.uptime() + _STEP
            gc.collect()
        except Exception as e:
            caught(log, e, "crash", "the note of this boot is not written")


async def _publish_held():
    """What is not in the flash may be there for want of memory: it takes as little as can be."""
    for held in alive.held:
        ident = held[1]
        if ident in due:
            report = held[2]
            if ident in alive.counts:
                report = report[:-1] + b', "again": %d}' % alive.counts[ident]
            await mqtt.client.publish(topic + ident, report, retain=True, qos=1, sync=False)
            del due[ident]


def note(reason, how=None):
    """Says why the reset comes that follows within a minute; None: it does not come."""
    global noted
    noted = alive.uptime()
    try:
        occasional("ending").note(reason, how)
    except Exception as e:
        caught(log, e, "crash", "the reason of the reset is not noted")


def reset(reason, always=False):
    """machine.reset(), and the next boot knows why.

    Before the board was connected it is one of the bad boots of which three in a row lead into
    safe mode: nothing else would end a loop of them. Not with `always`.
    """
    import machine

    note(reason, alive.INTENDED if always else alive.EARLY)
    machine.reset()


def task_failed(loop, context):
    """The loop's exception handler."""
    global _later
    exception = context["exception"]
    # The loop keeps this dict, and with it what the task has left.
    context["exception"] = context["future"] = None
    if isinstance(exception, MemoryError):
        _later = _later or exception  # the others follow from the first
    else:
        caught(logging.getLogger("main"), exception, "task", "a task failed")


def caught(logger, exception, where, text, *args):
    """Reports and logs what a piece of the framework has caught."""
    report(exception, where)
    try:
        logger.exc(exception, text, *args)
    except Exception:
        gc.collect()


def report(exception, where, restarting=False):
    """Tells of an exception: `where` it came out, in words; `restarting`: a reset follows."""
    for attempt in range(3):
        try:
            if attempt == 1:
                sys.modules.pop("crash.reporting", None)  # what was loaded of it
                make_room()
            elif attempt or isinstance(exception, MemoryError):
                gc.collect()
            if attempt == 0 or attempt == 1 and gc.mem_free() > _ROOM:
                from . import reporting

                reporting.report(exception, where, restarting)
            else:
                _keep(exception, where)
            return
        except Exception as e:
            failed = e
    log.error("no report of %r: %r", type(exception), failed)


def _keep(exception, where):
    """A report where there is not even the memory to load what writes one."""
    import io
    import json

    text = io.StringIO()
    sys.print_exception(exception, text)
    alive.crashes += 1
    ident = "%x.%d" % (boot_id.number, alive.crashes)
    report = {"id": ident, "kind": "exception", "where": where, "trace": text.getvalue()[-480:]}
    alive.held[:] = [(0, ident, json.dumps(report).encode())]
    due[ident] = 0


def command(reply, head, body):
    """The command `crash` of mqrepl."""
    return occasional("listing").command(sys.modules["crash"], reply, head)
