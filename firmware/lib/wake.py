"""Sleeps deeply, and wakes now and then to be reached: the module `wake`, and its setting.

Config: `every`, seconds that the board sleeps, 0: never; `awake`, seconds that it can be commanded
in between. It stays for longer while something is under way, and until a trial is over.
"""

import asyncio
import logging
import os
import sys
from time import ticks_diff, ticks_ms

import __main__
import crash
import log_lines
import machine
import watchdog
from crash import alive
from micropython import const

log = logging.getLogger("wake")

_LONGEST = const(604800)  # seconds: 2**30 ms are no more than 12 days
_QUIET = const(2000)  # ms without a command: between two of them a host may only be thinking
_LEAVE = const(10)  # seconds for taking leave
_SENT = const(200)  # ms for the last packet to get out

every = 0
awake = 60
patience = 600  # seconds at most for what is under way
alone = 90  # seconds at least to be reached in: Wi-Fi and TLS may take more than one try
_configured = {"every": every, "awake": awake}
_task = None
_reached = 0  # seconds of this window that the board could be commanded, and that it could not
_missed = 0


def setting(*to):
    """The schedule; with an argument it is set before, with None as configured."""
    global every, awake, _task, _reached, _missed
    if to:
        wanted = {} if to[0] is None else to[0]
        if not isinstance(wanted, dict):
            raise ValueError('expected {"every": 900, "awake": 60}, not %r' % (wanted,))
        schedule = _number(wanted, "every", 0), _number(wanted, "awake", 1)
        if schedule[0]:
            _check()
        if schedule != (every, awake):
            every, awake = schedule
            _reached = _missed = 0
            _task = _task or asyncio.create_task(_watch())
            if _is_reached() and _present():
                asyncio.create_task(_present().announce())
    return {"every": every, "awake": awake}


def _number(wanted, key, least):
    found = wanted.get(key, _configured[key])
    if type(found) not in (int, float) or not least <= found <= _LONGEST:
        raise ValueError("%s: expected %d to %d seconds, not %r" % (key, least, _LONGEST, found))
    return found


def _check():
    """ValueError where this board cannot sleep."""
    if not hasattr(machine, "deepsleep"):
        raise ValueError("this board cannot sleep: its MicroPython has no machine.deepsleep")
    # A chip that does not tell a deep sleep, an RP2, sleeps lightly and then resets.
    if not hasattr(machine, "DEEPSLEEP_RESET") and getattr(__main__, "dog", None):
        raise ValueError("this chip's watchdog goes on in its sleep: set its timeout to 0 first")


def _present():
    """What tells of this board; None where mqrepl does not run."""
    return getattr(sys.modules.get("presence"), "present", None)


def _is_reached():
    client = watchdog.mqtt and watchdog.mqtt.client
    if not client or not client.isconnected():
        return False
    # Before it has subscribed nobody could tell it to stay awake.
    return not _present() or _present().ready


async def _watch():
    global _reached, _missed
    while True:
        await asyncio.sleep(1)
        # A trial ends by itself, and a sleep would be one boot of the few that it has.
        if not every or watchdog.mode != "normal":
            continue
        try:
            if _is_reached():
                _reached += 1
                if _reached >= awake and (_reached >= awake + patience or not _busy()):
                    await _sleep(int(every * 1000), "sleeps for %g s" % every)
            else:
                _missed += 1
                if _missed >= max(awake, alone):
                    await _sleep(int(every * 1000), "sleeps for %g s, not reached" % every)
        except MemoryError:
            pass  # another try


def _busy():
    """Whether something is under way that a sleep would end."""
    client = watchdog.mqtt.client
    running = sys.modules.get("mqrepl.running")
    if running and running.replies or ticks_diff(ticks_ms(), client._asked) < _QUIET:
        return True
    if crash.publishing or crash.due and min(crash.due.values()) <= alive.uptime():
        return True
    return _has_unsent_lines() or not client._flight.empty() or watchdog._judging or _is_new()


def _has_unsent_lines():
    return log_lines.added and log_lines.acked < log_lines.said


def _is_new():
    """Whether there is no safe copy yet, which is made when the board has proved itself."""
    if watchdog.proven or not hasattr(__main__, "undone"):
        return False
    try:
        os.stat("/safemode/pack")
        return False
    except OSError:
        return True


async def _sleep(ms, reason):
    log.info(reason)
    if _is_reached():
        try:
            await asyncio.wait_for(_leave(), _LEAVE)
        except (asyncio.TimeoutError, OSError):
            pass  # then the broker tells it by the last will
    _stop_radio()
    crash.note(reason)
    watchdog.feed()
    machine.deepsleep(max(1, ms))  # 0: for ever


async def _leave():
    """Says `offline` before the broker would, and waits for what is to be acknowledged."""
    while _has_unsent_lines():
        await asyncio.sleep_ms(20)
    if _present():
        await _present().leave()
    await watchdog.mqtt.client.disconnect()
    await asyncio.sleep_ms(_SENT)


def _stop_radio():
    """As the makers of the chips want it, before a sleep."""
    try:
        from network import STA_IF, WLAN

        WLAN(STA_IF).active(False)
    except (ImportError, OSError):
        pass


def start(mqtt, config):
    global _configured
    wanted = {key: config[key] for key in _configured if config.get(key) is not None}
    try:
        _configured = setting(wanted)
    except ValueError as e:
        log.error("this board stays awake: %s", e.args[0])
