"""Feeds the hardware watchdog while commands reach the board, and sees that something comes of it.

While there is a connection the dog that boot.py has armed is fed only when a message which the
board sends itself has come back through the broker: see docs/protocol.md. What follows from being
reached, or from not being, is in trial.py, which is loaded when it is time.
"""

import asyncio
import logging
import sys

import __main__
import crash
import machine
from crash import alive
from micropython import const

_PAUSE = const(5)  # seconds between two looks whether something is proved
_ROOM = const(1024)  # bytes in one piece: with less no command can be carried out
_GRACE = const(60)  # seconds that an undo may take
_PAYLOAD = b"\x80\0watchdog.feed()"

log = logging.getLogger("watchdog")

mqtt = None  # the MQTT of module mqtt
topic = None  # of the loop; None: there is nothing to be reached by
mode = "normal"
options = {}  # seconds: see watch_options.py
now = 0  # seconds that this module has counted: a board that is held counts none
since = None  # when the board came to be reached, without a break since
held = False  # in safe mode, by the setting
proven = False  # what this boot has proved is noted
names = ()  # of the modules that were started
_heard = 0  # when the board was reached last
_back = 0  # when a message came back last, or the connection was made
_sent = 0
_connects = 0
_saying = False
_judging = False
_kept = None


def occasional(name):
    """A module that does not stay in memory."""
    try:
        return __import__(name)
    finally:
        sys.modules.pop(name, None)


def feed():
    """Feeds the hardware: for code that holds the loop for minutes."""
    dog = getattr(__main__, "dog", None)
    if dog:
        dog.feed()


def rest():
    """Somebody is at the prompt: a timer feeds from now on, until the next reset."""
    global _kept
    try:
        from machine import Timer

        # Kept: a timer that nothing refers to ends with the next collection.
        _kept = Timer(-1, period=4000, callback=lambda timer: feed())
    except (ImportError, ValueError, OSError):
        print("the watchdog resets this board in some minutes, unless watchdog.feed() is called")


def reset(mode="n"):
    """Restarts soon: "n" into normal mode, "f" into safe mode, "s" softly, "h" at once."""
    how = {"f": "safe", False: "safe", "s": "soft", "h": "hard"}.get(mode, "normal")
    occasional("restart").restart(how, "watchdog.reset(%r)" % mode)


def create_watched_task(coroutine):
    """A task without which the board is of no use: when it ends, or raises, the board restarts."""
    return asyncio.create_task(_watched(coroutine))


async def _watched(coroutine):
    try:
        await coroutine
        failed = RuntimeError("a watched task has ended")
    except asyncio.CancelledError:
        raise
    except (Exception, SystemExit) as e:
        failed = e
    crash.report(failed, "watched task", True)
    machine.reset()


def start(mqtt, config):
    """For configurations that name this module: main.py has begun already."""


def begin(the_mqtt, prefix, started, config, settings):
    """Called once by startup.py. `settings(config, name)` gives the dict of that name."""
    global mqtt, topic, mode, names
    mqtt = the_mqtt
    names = started
    mode = getattr(__main__, "mode", mode)
    if isinstance(prefix, str) and "mqrepl" in started:
        topic = (prefix.rstrip("/") + "/cmd/eval/0F00D/").encode()
    asyncio.create_task(_watch(config, settings))


def returned():
    """A message of the loop has come back."""
    global since, _heard, _back
    _back = _heard = now
    if not _feed_able():
        _lost()
    elif since is None:
        since = _heard


def _feed_able():
    """Feeds the hardware, but not of a board whose memory stays full: it is reached in vain."""
    try:
        bytearray(_ROOM)
    except MemoryError:
        return False
    feed()
    return True


async def _watch(config, settings):
    global now, _judging
    fed = 0
    while True:
        try:
            if not options:
                options.update(occasional("watch_options").options(mode, config, settings))
                config = settings = None
            await asyncio.sleep_ms(1000)
            now += 1
            client = topic and mqtt.client
            if client and client.isconnected():
                _say_in_time(client)
            elif now - fed >= options["interval"] or fed == 0:
                fed = now
                _lost()
                _feed_able()
            if mode == "trial" and now >= options["late"] + _GRACE:
                machine.reset()  # there was no memory for anything better
            due = not _judging and _due()
            if due:
                _judging = True
                asyncio.create_task(_judge(due))
        except MemoryError:
            await asyncio.sleep_ms(1000)  # another try
        except Exception as e:  # without this task the hardware is fed no more
            crash.caught(log, e, "watchdog", "the watch goes on")
            await asyncio.sleep(_PAUSE)


def _lost():
    global since
    since = None


def _say_in_time(client):
    global _sent, _back, _connects, _saying
    if _connects != client.connects:
        _connects = client.connects
        _back = now
        _sent = now - options["interval"]  # a board that is reached tells so at once
        _lost()
    if now - _sent < options["interval"] or _saying:
        return
    if now - _back > options["interval"] * 3:
        _lost()
    if now - _back > options["deaf"]:
        client._proto.fail(OSError("no command comes back through the broker"))
        return
    _sent = now
    _saying = True
    asyncio.create_task(_say(client))


async def _say(client):
    global _saying
    try:
        await client.publish(topic, _PAYLOAD)
    finally:
        _saying = False


def _due():
    """What it is time for: the name of a function, or None."""
    reached = -1 if since is None else now - since
    if mode == "trial":
        if alive.crashes:
            return "crashed"
        if now >= options["late"]:
            return "late"
    elif options["lost"] and now - _heard >= options["lost"]:
        return "lost"
    if mode == "safe":
        return "home" if not held and reached >= options["home"] else None
    if not proven and reached >= options["confirm"]:
        return "prove"
    return "settle" if now >= options["settle"] else None


async def _judge(due):
    global _judging
    try:
        module = occasional("trial" if due == "prove" else "setbacks")
        await getattr(module, due)()
    except Exception as e:
        crash.caught(log, e, "watchdog", "the state of this boot is not noted")
    finally:
        await asyncio.sleep(_PAUSE)
        _judging = False
