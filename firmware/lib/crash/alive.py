"""A note of how this boot is doing, for the next one: what it says when this one ends unasked.

It lies in RTC memory where the chip has any that is empty or ours, is brought up to date with each
log line, and holds the newest lines themselves. Its first 96 bytes are in NVS, too, now and then.
"""

import time
from struct import pack_into

import boot_id
import log_lines
from micropython import const

from .trace import decoded

MAGIC = b"MQb1"
NUMBERS = "<IIIIIIHBB"  # boot, boots, uptime, said, acked, again, _at, crashes, state
TEXT = const(32)  # where the words begin that belong to the state
HEAD = const(96)  # and where they end
RING = const(512)  # bytes of log lines
_MOST = const(2048)  # bytes of RTC memory
_YEAR = const(2024)  # a clock that is set shows this year or a later one

RUNNING = const(0)
INTENDED = const(1)
CRASHED = const(2)

boots = 0
crashes = 0  # of this boot
again = 0  # of the newest report in the flash that no host has seen
state = RUNNING
held = []  # reports that are not in the flash: (key, id, JSON)
counts = {}  # by id: how often the same came again

_rtc = None
_buffer = bytearray(HEAD)
_at = 0  # where in the ring the next line goes
_seconds = 0
_ticks = time.ticks_ms()


def uptime():
    """Seconds since the start. The ticks wrap after 12 days: to be called more often than that."""
    global _seconds, _ticks
    passed = time.ticks_diff(time.ticks_ms(), _ticks) // 1000
    if passed > 0:
        _seconds += passed
        _ticks = time.ticks_add(_ticks, passed * 1000)
    return _seconds


def clock():
    """UNIX seconds; None while the clock is unset."""
    if time.gmtime()[0] < _YEAR:
        return None
    return time.time() + (946684800 if time.gmtime(0)[0] == 2000 else 0)


def use(rtc):
    """From now on the note lies there."""
    global _rtc, _buffer
    _rtc = rtc
    _buffer = bytearray(HEAD + RING)


def write():
    """Brings RTC memory up to date. False where there is none: then `save` is all there is."""
    global _rtc
    if not _rtc:
        return False
    try:
        _pack()
        # Somebody may have begun to keep data of his own there.
        found = _rtc.memory()
        if found and not found.startswith(MAGIC):
            _rtc = None
            return False
        _rtc.memory(_buffer + _held() if held else _buffer)
    except MemoryError:
        return False
    return True


def _pack():
    said = log_lines.said
    acked = log_lines.acked
    up = uptime()
    _buffer[:4] = MAGIC
    pack_into(
        NUMBERS, _buffer, 4, boot_id.number, boots, up, said, acked, again, _at, crashes, state
    )


def _held():
    room = _MOST - HEAD - RING
    lines = b""
    for key, ident, report in reversed(held):
        line = b"%d %d %s\n" % (key, counts.get(ident, 0), report)
        if len(lines) + len(line) <= room:
            lines += line
    return lines


def line(ring, at):
    """Takes along the line that was said last: it begins there in the ring of log_ring.py."""
    global _at
    if not _rtc:
        return
    try:
        data = (ring.line(at, ring.said) + b"\n")[-RING:]
    except MemoryError:
        return
    first = min(len(data), RING - _at)
    rest = len(data) - first
    _buffer[HEAD + _at : HEAD + _at + first] = data[:first]
    _buffer[HEAD : HEAD + rest] = data[first:]
    _at = (_at + len(data)) % RING
    write()


def doing(name="", body=b""):
    """Notes what the board is at: a name, and the beginning of a command; nothing: it is over."""
    try:
        text = name.encode()
        if body:
            text += b" " + bytes(body[: HEAD - TEXT]).replace(b"\n", b" ")
        if state == RUNNING:
            _say(text)
            write()
    except MemoryError:
        pass


def end(how, reason):
    """Notes that and why (bytes) a reset comes, or (RUNNING) that it does not.

    True where that outlives it.
    """
    global state
    state = how
    _say(reason)
    return write() or save()


def words():
    """What `doing` or `end` was told last."""
    return decoded(bytes(_buffer[TEXT:HEAD]).rstrip(b"\0"))


def _say(text):
    room = HEAD - TEXT
    text = text[:room]
    _buffer[TEXT:HEAD] = text + b"\0" * (room - len(text))


def save():
    """The note without its lines into NVS, where it outlives the power. Writes the flash."""
    try:
        from esp32 import NVS

        _pack()
        space = NVS("mqboard")
        space.set_i32("boots", boots)
        space.set_blob("note", _buffer[:HEAD])
        space.commit()
    except (ImportError, OSError):  # there is none, or it is full or worn out
        return False
    return True
