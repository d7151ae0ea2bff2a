"""Lines of the log: how they look, where they go, and what is known of them.

They stay in `ring`, those before the module `logging` is started, too, until there is need of the
room: see log_ring.py.
"""

import sys
import time

from log_ring import CUT, GOES_ON, OFFLINE, Ring
from micropython import const, schedule

_LINE = const(1000)  # bytes; with its number a line stays below the 1024 of a message
_HEAD = const(4)  # bytes of a record of the ring besides the line
_LATE = const(4)

_start = time.ticks_ms()
_set = 757382400000 if time.gmtime(0)[0] == 2000 else 1704067200000  # ms: 2024
_print = print  # what is captured of it would come back here

ring = Ring(2048)
level = 20  # below it nothing goes to the broker, unless a setting says so
zone = 0  # minutes that the times of lines are ahead of UTC
connected = None  # function: whether there is a connection
added = None  # function: called after each line

_waking = False
_late = []  # said by an interrupt while another line was being written


def __getattr__(name):
    if name in ("said", "acked", "lost"):
        return getattr(ring, name)
    raise AttributeError(name)


def recent(size, level=0):
    """The last lines of this level or a higher one, as they are published, oldest first: at most
    `size` bytes of them."""
    module = __import__("log_recent")
    del sys.modules["log_recent"]
    return module.recent(ring, size, level)


def clock():
    ms = time.time_ns() // 1000000
    if ms < _set:
        # Masked, not compared: ticks wrap, and the clock may stay unset for weeks.
        return str((time.ticks_ms() - _start) & 0x3FFFFFFF)
    ms = (ms + zone * 60000) % 86400000
    s = ms // 1000
    return "%02d:%02d:%02d.%03d" % (s // 3600, s // 60 % 60, s % 60, ms % 1000)


def say(level, name, text, console, broker):
    """Writes one line for each line of `text`, where it is to go. Never fails: where there is no
    memory, as in a hard interrupt, the line is counted as lost."""
    missed = ring.missed
    if ring.busy:
        try:
            if len(_late) < _LATE:
                _late.append((level, name, text, console, broker))
            elif broker:
                ring.missed += 1
        except MemoryError:
            if broker:
                ring.missed += 1
    else:
        ring.busy = True
        try:
            if ring.missed != ring.settled:
                ring.settle(_mark())
            _write(level, name, text, console, broker)
            while _late:
                _write(*_late.pop(0))
        finally:
            ring.busy = False
    if ring.missed != missed:
        _wake_later()
    elif added:
        added()


def miss(broker):
    """Counts a line that there was no memory for. An interrupt may call it."""
    if broker:
        ring.missed += 1
        _wake_later()


def _wake_later():
    """For a hard interrupt, which must not touch the queue of the loop."""
    global _waking
    if not _waking:
        _waking = True
        try:
            schedule(_wake, None)
        except RuntimeError:  # so much is scheduled that a later line has to do it
            _waking = False


def _wake(_):
    global _waking
    _waking = False
    if added:
        added()


def catch_up():
    """Writes what an interrupt has said meanwhile, and counts what it could not say."""
    ring.busy = True
    try:
        while _late:
            _write(*_late.pop(0))
        ring.settle(_mark())
    finally:
        ring.busy = False


def bound(size):
    """Sets how many bytes of lines there may be. What waits stays, also where it is more."""
    ring.limit = size
    if len(ring.buf) > size:
        ring.busy = True
        try:
            ring.resize(size)
        finally:
            ring.busy = False


def _write(level, name, text, console, broker):
    said = ring.said
    due = 1 if broker else 0
    try:
        letter = "IDIWEC"[min(max(level // 10, 0), 5)]
        if "\n" in text:
            head = "%s %s %8s: " % (letter, clock(), name)
            parts = text.rstrip("\n").split("\n")
            if console:
                for part in parts:
                    _print(head + part)
            if broker:
                due = len(parts)
                _add(level, head, parts)
            return
        line = "%s %s %8s: %s" % (letter, clock(), name, text)
        if console:
            _print(line)
        if broker:
            line = memoryview(line)  # its UTF-8, without a copy
            if len(line) <= _LINE:
                ring.add(level, _mark(), line)
            else:
                head = len(line) - len(memoryview(text))
                _add(level, str(line[:head], "utf-8"), (text,))
    except MemoryError:
        ring.missed += max(0, due - (ring.said - said))


def _mark():
    return 0 if connected and connected() else OFFLINE


def _add(level, head, parts):
    """The lines of one message, and pieces of those that are too long: all of them or none."""
    head = head.encode()
    room = _LINE - len(head)
    mark = _mark()
    records = []
    need = 0
    for part in parts:
        data = part.encode()
        while len(data) > room:
            cut = room
            while data[cut] & 0xC0 == 0x80:
                cut -= 1
            records.append((mark | CUT, head + data[:cut]))
            data = data[cut:]
        records.append((mark | GOES_ON, head + data))
    records[-1] = (mark, records[-1][1])
    for _, line in records:
        need += len(line) + _HEAD
    left_out = 0
    if need > ring.limit - 2 * _HEAD:
        from log_drop import thinned

        records, left_out, need = thinned(records, ring.limit - 4 * _HEAD)
    if not ring.room(level, need):
        ring.lose(len(records) + left_out, mark)
        return
    for record in records:
        if record:
            ring.add(level, *record)
        else:
            ring.lose(left_out, mark)
