"""Small things that several of the occasional modules need."""

import time

from micropython import const

from . import alive

_YEAR = const(2024)  # a clock that is set shows this year or a later one
_2000 = const(946684800)  # in UNIX seconds


def clock():
    """UNIX seconds; None while the clock is unset."""
    if time.gmtime()[0] < _YEAR:
        return None
    return time.time() + (_2000 if time.gmtime(0)[0] == 2000 else 0)


def decoded(data):
    """Text of UTF-8 that may be cut anywhere."""
    try:
        return str(data, "utf-8")
    except UnicodeError:
        return "".join([chr(c) if c < 128 else "?" for c in data])


def words(note):
    """What the note says that its boot does, or why it ended."""
    return decoded(bytes(note[alive.TEXT : alive.HEAD]).rstrip(b"\0"))
