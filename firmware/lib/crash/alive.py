"""A note of how this boot is doing, for the next one: what it says when this one ends unasked.

It lies in RTC memory where the chip has any that is empty or ours, is brought up to date with each
log line, and holds the newest lines themselves. Its first 96 bytes are in NVS, too, now and then.
"""

import time
from struct import pack_into

import boot_id
import log_lines
from micropython import const

MAGIC = b"MQb1"
NUMBERS = "<IIIIIIHBB"  # boot, boots, uptime, said, acked, again, at, crashes, state
TEXT = const(32)  # where the words begin that belong to the state
HEAD = const(96)  # and where they end
RING = const(384)  # bytes of log lines

RUNNING = const(0)
INTENDED = const(1)
CRASHED = const(2)
EARLY = const(3)  # intended, by a boot that nothing could reach yet

boots = 0
crashes = 0  # of this boot
again = 0  # of the newest report in the flash that no host has seen
state = RUNNING
held = []  # reports that are not in the flash: (key, id, JSON)
counts = {}  # by id: how often the same came again

rtc = None
space = None  # NVS: one object, for what it takes from the chip's own heap is never given back
note = bytearray(HEAD)
kept = b""  # what of `held` there is room for, see reporting.py
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


def pack():
    """Brings the numbers of the note up to date."""
    lines = log_lines
    up = uptime()
    note[:4] = MAGIC
    pack_into(
        NUMBERS,
        note,
        4,
        boot_id.number,
        boots,
        up,
        lines.said,
        lines.acked,
        again,
        _at,
        crashes,
        state,
    )


def write():
    """Brings RTC memory up to date. False where there is none: then NVS is all there is."""
    global rtc
    if not rtc:
        return False
    try:
        pack()
        # Somebody may have begun to keep data of his own there.
        found = rtc.memory()
        if found and not found.startswith(MAGIC):
            rtc = None
            return False
        rtc.memory(note + kept if kept else note)
    except MemoryError:
        return False
    return True


def line(ring, at):
    """Takes along the line that was said last: it begins there in the ring of log_ring.py."""
    global _at
    if not rtc:
        return
    try:
        data = ring.line(at, ring.said)
        if len(data) >= RING:
            data = data[1 - RING :]
        at = HEAD + _at
        end = at + len(data)
        if end < HEAD + RING:
            note[at:end] = data
        else:
            rest = HEAD + RING - at
            note[at : at + rest] = data[:rest]
            end = HEAD + len(data) - rest
            note[HEAD:end] = data[rest:]
        note[end] = 10
        _at = (end + 1 - HEAD) % RING
        write()
    except (MemoryError, OSError):
        pass


def doing(name="", body=b""):
    """Notes what the board is at: a name, and the beginning of a command; nothing: it is over."""
    try:
        text = name.encode()
        if body:
            text += b" " + bytes(body[: HEAD - TEXT]).replace(b"\n", b" ")
        if state == RUNNING:
            end(RUNNING, text)
    except MemoryError:
        pass


def end(how, reason):
    """Notes that and why (bytes) a reset comes. True where that outlives it."""
    global state
    state = how
    room = HEAD - TEXT
    text = reason[:room]
    note[TEXT:HEAD] = text + b"\0" * (room - len(text))
    return write()
