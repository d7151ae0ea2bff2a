"""The clock, which may be unset: it runs beside the host's, at a distance."""

import utime
from _board import ask, tell
from utime import *  # noqa: F403

try:
    from _board import sleep, sleep_ms, sleep_us  # noqa: F401 - where the build's own would spin
except ImportError:
    pass

_offset = int(ask("clock"))  # ms


def time_ns():
    return utime.time_ns() + _offset * 1000000


def time():
    return time_ns() // 1000000000


def gmtime(seconds=None):
    return utime.gmtime(time() if seconds is None else seconds)[:8]


localtime = gmtime


def _need_clock():
    """What mbedTLS finds of any certificate in 2000. The TLS underneath has the host's clock."""
    if time() < 1577836800:  # 2020
        raise ValueError("\nThe certificate validity starts in the future\n")


def _set(unix_ms):
    global _offset
    _offset = unix_ms - utime.time_ns() // 1000000
    tell("clock %d" % unix_ms)
