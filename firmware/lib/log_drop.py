"""What a full log gives up: of the messages that wait those of the lowest level, the oldest first,
each as a whole; and the notes of it in their places. Loaded when it happens for the first time."""

import log_lines
from log_ring import LOST
from micropython import const

_HEAD = const(4)
_NOTE = const(8)
_WARNING = const(30)
_ON = const(6)  # GOES_ON or CUT


def drop(ring, buf, start, level, lack):
    """Drops messages of at most this level behind `start` until `lack` bytes are free. False when
    there are not enough of them."""
    enough = ring.end - lack
    possible = False
    while ring.end > enough:
        found = _oldest(ring, buf, start, min(level, ring.lowest))
        if not found:
            possible = possible or _possible(ring, buf, start, level) >= ring.end - enough
            found = possible and _lowest(ring, buf, start, level)
        if not found:
            return False
        _replace(ring, buf, *found)
    return True


def _begin(ring, buf, at):
    """Behind what belongs to a message that is on its way already."""
    within = ring.within
    while within and at < ring.end:
        within = buf[at + 3] & _ON
        at = ring.after(at)
    return at


def _possible(ring, buf, start, level):
    at = _begin(ring, buf, start)
    free = 0
    while at < ring.end:
        stop = ring.after(at)
        if not buf[at + 3] & LOST and buf[at + 2] <= level:
            free += stop - at
        at = stop
    # A note may stay in the place of each message; but where there are many they are neighbours.
    return free - _NOTE


def _oldest(ring, buf, start, level):
    """As _lowest, where a look at the oldest message is enough, as in an outage."""
    at = note = _begin(ring, buf, start)
    if at < ring.end and buf[at + 3] & LOST:
        at += _NOTE
    if at == ring.end or buf[at + 2] > level or buf[at + 3] & LOST:
        return None
    stop = at
    flags = _ON
    while flags & _ON and stop < ring.end:
        flags = buf[stop + 3]
        stop = ring.after(stop)
    return note, at, stop


def _lowest(ring, buf, start, level):
    """Of the message to drop: (where it begins or the note in front of it does, where it begins,
    where it ends), or None."""
    found = None
    level += 1
    before = -1  # where a note is that ends here
    at = _begin(ring, buf, start)
    while at < ring.end:
        begin = at
        flags = _ON
        while flags & _ON and at < ring.end:
            flags = buf[at + 3]
            at = ring.after(at)
        if flags & LOST:
            before = begin
            continue
        if buf[begin + 2] < level:
            level = buf[begin + 2]
            found = (begin if before < 0 else before, begin, at)
        before = -1
    return found


def _replace(ring, buf, note, begin, stop):
    """Puts a note in the place of the message, together with the notes around it."""
    count = 0
    flags = LOST
    at = begin
    while at < stop:
        flags |= buf[at + 3] & ~_ON
        count += 1
        at = ring.after(at)
    lost = count
    if note < begin:
        count += ring.count(note)
        flags |= buf[note + 3]
    if stop < ring.end and buf[stop + 3] & LOST:
        count += ring.count(stop)
        flags |= buf[stop + 3]
        stop += _NOTE
    # It may have no memory: then everything is as it was.
    ring.cut(note + _NOTE, stop)
    _write(buf, note, count, flags)
    ring.lost += lost


def _write(buf, at, count, flags):
    buf[at] = _NOTE - _HEAD
    buf[at + 1] = 0
    buf[at + 2] = _WARNING
    buf[at + 3] = flags
    for i in range(at + _HEAD, at + _NOTE):
        buf[i] = count & 255
        count >>= 8


def note(ring, buf, start, count, flags):
    """Notes at the end that lines are lost that never got into the buffer. Takes no memory.
    False when there is no room."""
    last = -1
    at = start
    while at < ring.end:
        last = at
        at = ring.after(at)
    whole = count
    if last >= 0 and buf[last + 3] & LOST:
        whole += ring.count(last)
        flags |= buf[last + 3]
        at = last
    elif at + _NOTE > len(buf):
        return False
    _write(buf, at, whole, flags & ~_ON | LOST)
    ring.end = at + _NOTE
    ring.said += count
    ring.lost += count
    return True


def line(ring, buf, at, stop):
    """A note as a line, with the time of the line behind it, where there is one."""
    if stop < ring.end and not buf[stop + 3] & LOST:
        time = bytes(buf[stop + _HEAD + 2 : stop + _HEAD + 18]).split(b" ")[0]
    else:
        time = log_lines.clock().encode()
    return b"W %s %8s: %d lines lost" % (time, "logging", ring.count(at))


def thinned(records, room):
    """Of a message that is larger than the whole buffer its beginning and its end: (its records,
    with None where some are left out, how many these are, bytes that it takes)."""
    i, j = 0, len(records)
    left = room - _NOTE
    while i < j:
        # The end says what happened, so it comes first.
        size = len(records[j - 1][1]) + _HEAD
        if size > left:
            break
        left -= size
        j -= 1
        size = len(records[i][1]) + _HEAD
        if i == j or size > left:
            break
        left -= size
        i += 1
    head = records[:i]
    if head:
        head[-1] = (head[-1][0] & ~_ON, head[-1][1])
    return head + [None] + records[j:], j - i, room - left
