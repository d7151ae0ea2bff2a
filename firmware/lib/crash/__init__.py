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

from micropython import const

from . import alive

_STEP = const(5)  # seconds between two notes
_MINUTE = const(60)

log = logging.getLogger("crash")
facts = {}  # of this boot, for the birth message
unseen = []  # ids of the reports in the flash that no host has seen, newest first
due = {}  # by id: uptime from which on it may be published
publishing = False
noted = 0  # uptime at the last note()
spent = 0  # uptime at the last report that went into the flash
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
            due[ident] = 0


def _online():
    return topic and mqtt.client and mqtt.client.isconnected()


async def _live(pause):
    seconds = saved = 0
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
            if due and not publishing and min(due.values()) <= alive.uptime() and _online():
                occasional("publish").begin(sys.modules["crash"])
        except Exception as e:
            caught(log, e, "crash", "the note of this boot is not written")


def note(reason):
    """Says why the reset comes that follows within a minute; None: it does not come."""
    global noted
    noted = alive.uptime()
    try:
        occasional("ending").note(reason)
    except Exception as e:
        caught(log, e, "crash", "the reason of the reset is not noted")


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
    for attempt in range(3):
        try:
            if attempt or isinstance(exception, MemoryError):
                make_room()
            if attempt < 2:
                from . import reporting

                reporting.report(exception, where, restarting)
            else:
                _keep(exception, where)
            return
        except Exception as e:
            failed = e
    log.error("no report of %r: %r", type(exception), failed)


def _keep(exception, where):
    """A report of an exception where there is not even the memory to load what writes it."""
    import io
    import json

    import boot_id

    text = io.StringIO()
    sys.print_exception(exception, text)
    alive.crashes += 1
    ident = "%x.%d" % (boot_id.number, alive.crashes)
    report = {"id": ident, "kind": "exception", "where": where, "trace": text.getvalue()[-400:]}
    alive.held[:] = [(0, ident, json.dumps(report).encode())]
    due[ident] = 0


def command(reply, head, body):
    """The command `crash` of mqrepl."""
    return occasional("listing").command(sys.modules["crash"], reply, head)
