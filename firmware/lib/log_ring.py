"""The lines of the log that the board remembers, in one buffer.

From the front: lines that the broker has acknowledged, lines that were handed to the client, lines
that wait. Each is a record: 2 bytes of size, its level, its flags, and the line as it looks on the
console. A line's number is not stored, it follows from its place.
"""

import sys
from struct import pack_into

from boot_id import number
from micropython import const

OFFLINE = const(1)  # said without a connection
GOES_ON = const(2)  # the next line belongs to the same message
CUT = const(4)  # the next line is the rest of this one
LOST = const(8)  # instead of lines that were dropped: 4 bytes, how many

_HEAD = const(4)
_NOTE = const(8)  # bytes of a record of lost lines, for one of which there is always room
_BOOT = b"#%03x." % (number & 0xFFF)
_MARKS = (b"", b"~", b"+", b"~+", b"&", b"~&")  # by the flags


def _dropping():
    try:
        import log_drop
    except MemoryError:
        sys.modules.pop("log_drop", None)  # before 1.24 its beginning stays
        raise
    return log_drop


class Ring:
    def __init__(self, size):
        self.limit = size  # bytes; the buffer grows up to it
        self.numbered = False
        self.said = 0  # number of the last line
        self.acked = 0  # number of the last one that the broker has acknowledged
        self.lost = 0  # how many were dropped
        self.missed = 0  # how many came to nothing before they were lines; never set back
        self.settled = 0  # of these
        self.buf = bytearray(min(size, 1024))
        self.first = 0  # number of the last line before the buffer
        self._acked = 0  # where what is not acknowledged begins
        self._sent = self._n_sent = 0  # where what waits begins; number of the last line before
        self.end = 0
        self.lowest = 255  # no line that waits has a lower level
        self.within = False  # the line that was handed out last goes on
        self.busy = False  # an interrupt has to keep away
        self.heard = None  # function(ring, place) for each line; it must not raise

    def add(self, level, flags, line):
        """Appends a line, or counts it as lost. It may be larger than the limit: then it is."""
        size = len(line)
        if self.end + size + _HEAD + _NOTE > len(self.buf) and not self.room(level, size + _HEAD):
            self.lose(1, flags)
            return
        at = self.end
        end = at + _HEAD + size
        buf = self.buf
        pack_into("<HBB", buf, at, size, level, flags)
        buf[at + _HEAD : end] = line
        self.said += 1
        self.end = end
        if level < self.lowest:
            self.lowest = level
        if self.heard:
            self.heard(self, at)

    def room(self, level, need):
        """Makes room for `need` bytes of a message of this level; False when that cannot be."""
        need += _NOTE
        size = len(self.buf)
        if self.end + need > size and size < self.limit:
            self.resize(min(self.limit, max(2 * size, self.end + need)))
        self._forget(self.end + need - len(self.buf))
        if self.end + need <= len(self.buf):
            return True
        try:
            log_drop = _dropping()
        except MemoryError:
            return False
        return log_drop.drop(self, self.buf, self._sent, level, self.end + need - len(self.buf))

    def _forget(self, lack):
        """Removes acknowledged lines, the oldest, at least `lack` bytes of them."""
        at = count = 0
        while at < lack and at < self._acked:
            count += self.count(at)
            at = self.after(at)
        if at:
            self.cut(0, at)
            self.first += count
            self._acked -= at
            self._sent -= at

    def cut(self, start, stop):
        """Moves what is behind `stop` to `start`."""
        view = memoryview(self.buf)
        view[start : start + self.end - stop] = view[stop : self.end]
        self.end -= stop - start

    def resize(self, size):
        """Makes the buffer that large, if there is the memory. What waits stays, as it is."""
        self._forget(self.end + _NOTE - size)
        try:
            buf = bytearray(max(size, self.end + _NOTE))
        except MemoryError:
            return
        buf[: self.end] = memoryview(self.buf)[: self.end]
        self.buf = buf

    def lose(self, count, flags):
        """Counts lines as said and lost."""
        self.missed += count
        self.settle(flags)

    def settle(self, flags):
        """Gives those missed their place behind all others, as soon as there is room for it."""
        count = self.missed - self.settled
        if not count:
            return
        try:
            self._forget(self.end + _NOTE - len(self.buf))
            if _dropping().note(self, self.buf, self._sent, count, flags):
                self.settled += count
        except MemoryError:
            pass

    def after(self, at):
        buf = self.buf
        return at + _HEAD + (buf[at] | buf[at + 1] << 8)

    def count(self, at):
        """How many numbers a record has."""
        buf = self.buf
        if buf[at + 3] & LOST:
            return buf[at + 4] | buf[at + 5] << 8 | buf[at + 6] << 16 | buf[at + 7] << 24
        return 1

    def next(self):
        """The next line for the broker, or None. MemoryError: it waits on."""
        at = self._sent
        if at == self.end:
            self.lowest = 255
            return None
        self.busy = True
        try:
            n = self._n_sent + self.count(at)
            line = self.line(at, n)
            self._sent = self.after(at)
            self._n_sent = n
            self.within = self.buf[at + 3] & (GOES_ON | CUT)
        finally:
            self.busy = False
        return line

    def acknowledge(self):
        """The oldest of the lines that were handed out has arrived."""
        self.busy = True
        self.acked += self.count(self._acked)
        self._acked = self.after(self._acked)
        self.busy = False

    def line(self, at, n):
        """A record as it is published."""
        stop = self.after(at)
        flags = self.buf[at + 3]
        if flags & LOST:
            line = _dropping().line(self, self.buf, at, stop)
        else:
            line = bytes(memoryview(self.buf)[at + _HEAD : stop])
        if not self.numbered:
            return line
        i = line.find(b" ", 2)
        return b"%s%s%d%s%s" % (line[:i], _BOOT, n, _MARKS[flags & 7], line[i:])
