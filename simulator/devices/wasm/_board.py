"""The link to the rest of the virtual board: calls into the thread around the interpreter."""

import utime
from _host import ask, tell  # noqa: F401 - the models use them from here
from _host import sleep as _sleep

run_timers = None  # by _ticking.py, while there are any


def before_waiting(ms):
    """How long of `ms` may be waited at once, because of timers; -1 is for ever."""
    if run_timers is None:
        return ms
    soon = max(1, run_timers())
    return soon if ms < 0 else min(ms, soon)


def sleep_ms(ms):
    if run_timers is None:
        return _sleep(ms)
    start = utime.ticks_ms()
    while True:
        left = ms - utime.ticks_diff(utime.ticks_ms(), start)
        if left <= 0:
            return None
        _sleep(before_waiting(left))


def sleep(seconds):
    sleep_ms(seconds * 1000)


def sleep_us(us):
    sleep_ms(us / 1000)


def halt():
    """Waits for the power to go."""
    while True:
        _sleep(1000000)
