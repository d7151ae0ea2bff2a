"""Lines of the log: how they look, and those that wait for the broker."""

import time

from micropython import const

_INFO = const(20)
_LINE = const(1024)  # bytes of one message
_YEAR = const(2024)  # a clock that is set shows this year or a later one

_start = time.ticks_ms()

said = 0  # number of the last line that was meant for the broker
acked = 0  # number of the last one that the broker has acknowledged
lost = 0  # how many were dropped
zone = 0  # minutes that the times of lines are ahead of UTC


def recent(size):
    """The last lines, as they are published, oldest first: at most `size` bytes of them."""
    lines = backlog.lines
    first = len(lines)
    while first and size >= len(lines[first - 1]):
        first -= 1
        size -= len(lines[first])
    return lines[first:]


def clock():
    if time.gmtime()[0] < _YEAR:
        # Masked, not compared: ticks wrap, and the clock may stay unset for weeks.
        return str((time.ticks_ms() - _start) & 0x3FFFFFFF)
    ms = time.time_ns() // 1000000 % 86400000
    s = ms // 1000
    return "%02d:%02d:%02d.%03d" % (s // 3600, s // 60 % 60, s % 60, ms % 1000)


class Backlog:
    """Lines that wait for the broker: at most `size` bytes of them, the newest."""

    def __init__(self, size, level):
        self.size = size
        self.level = level
        self.lines = []
        self.used = 0
        self.lost = 0
        self.added = None  # called after each line

    def add(self, level, line):
        if level < self.level:
            return
        self.lines.append(line)
        self.used += len(line)
        while self.used > self.size and len(self.lines) > 1:
            self.used -= len(self.lines.pop(0))
            self.lost += 1
        if self.added:
            self.added()

    def pop(self):
        """The oldest line, or a line that says how many are missing before it."""
        if self.lost:
            lost, self.lost = self.lost, 0
            return b"W %s %8s: %d lines lost: no connection" % (clock().encode(), b"logging", lost)
        line = self.lines.pop(0)
        self.used -= len(line)
        return line


# What is logged before the module starts goes to the broker, too.
backlog = Backlog(2048, _INFO)


def write(level, name, text):
    """One line for each line of `text`; for the broker in pieces of at most 1024 bytes."""
    head = "%s %s %8s: " % ("IDIWEC"[min(max(level // 10, 0), 5)], clock(), name)
    for part in text.rstrip("\n").split("\n"):
        print(head + part)
        if level < backlog.level:
            continue
        data = part.encode()
        start = head.encode()
        room = _LINE - len(start)
        while len(data) > room:
            cut = room
            while data[cut] & 0xC0 == 0x80:
                cut -= 1
            backlog.add(level, start + data[:cut])
            data = data[cut:]
        backlog.add(level, start + data)
