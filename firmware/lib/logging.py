"""Log lines `L time name: text`, on the console and, once started as a module, over MQTT.

`L` is one of C E W I D; `time` is milliseconds since boot while the clock is unset, else
HH:MM:SS.mmm (UTC).
"""

import io
import sys
import time

from micropython import const

CRITICAL = const(50)
ERROR = const(40)
WARNING = const(30)
INFO = const(20)
DEBUG = const(10)
NOTSET = const(0)

_LINE = const(1024)  # bytes of one message
_YEAR = const(2024)  # a clock that is set shows this year or a later one

_start = time.ticks_ms()
_loggers = {}
_level = INFO


class Logger:
    def __init__(self, name):
        self.name = name
        self.level = NOTSET

    def setLevel(self, level):  # noqa: N802 - the name that everybody's modules call
        self.level = level

    def getEffectiveLevel(self):  # noqa: N802
        return self.level or _level

    def isEnabledFor(self, level):  # noqa: N802
        return level >= (self.level or _level)

    def log(self, level, text, *args):
        if level >= (self.level or _level):
            text = str(text)
            write(level, self.name, text % args if args else text)

    def debug(self, text, *args):
        self.log(DEBUG, text, *args)

    def info(self, text, *args):
        self.log(INFO, text, *args)

    def warning(self, text, *args):
        self.log(WARNING, text, *args)

    warn = warning

    def error(self, text, *args):
        self.log(ERROR, text, *args)

    def critical(self, text, *args):
        self.log(CRITICAL, text, *args)

    def exc(self, exception, text, *args):
        """Logs `text` and the traceback of `exception`, as errors."""
        self.log(ERROR, text, *args)
        trace = io.StringIO()
        sys.print_exception(exception, trace)
        self.log(ERROR, "%s", trace.getvalue())

    def exception(self, text, *args, exc_info=None):
        """As in CPython; but stock MicroPython knows no current exception: give it as exc_info."""
        if isinstance(exc_info, BaseException):
            self.exc(exc_info, text, *args)
        else:
            self.error(text, *args)


def getLogger(name="root"):  # noqa: N802
    if name not in _loggers:
        _loggers[name] = Logger(name)
    return _loggers[name]


def basicConfig(level=INFO, **_):  # noqa: N802
    """Sets the level of the loggers that have none of their own."""
    global _level
    _level = level


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
backlog = Backlog(2048, INFO)


def write(level, name, text):
    """One line for each line of `text`; for the broker in pieces of at most 1024 bytes."""
    head = "%s %s %8s: " % ("IDIWEC"[min(max(level // 10, 0), 5)], clock(), name)
    for part in text.rstrip("\n").split("\n"):
        print(head + part)
        if level < backlog.level:
            continue
        data = part.encode()
        room = _LINE - len(head.encode())
        while len(data) > room:
            cut = room
            while data[cut] & 0xC0 == 0x80:
                cut -= 1
            backlog.add(level, head.encode() + data[:cut])
            data = data[cut:]
        backlog.add(level, head.encode() + data)


def start(mqtt, config):
    import log_relay

    log_relay.start(mqtt, config, backlog)
