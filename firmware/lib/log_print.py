"""Takes along what modules print: the option `print` of the module `logging`.

True: what the function `print` puts on the console goes to the broker, too, as lines of level I by
the logger `print`. "console": everything that appears on the console, through os.dupterm where
there is one and it is free (WebREPL wants the same place), else as with True.
"""

import builtins
import io
import os

import log_lines
import logging
from micropython import const

_LONGEST = const(256)  # bytes of a line that has no end yet

_print = builtins.print
_log = logging.getLogger("print")


class Lines(io.IOBase):
    """Makes log lines of what is written to it. Never fails, whatever memory there is: a stream
    that does is of no use to dupterm any more."""

    _line = None

    def write(self, data):
        if log_lines.ring.busy:  # a log line itself, on its way to the console
            return len(data)
        try:
            if self._line is None:
                self._line = bytearray()
            self._line.extend(data)
            while True:
                line = self._line
                end = line.find(b"\n")
                rest = end + 1
                if end < 0:
                    if len(line) <= _LONGEST:
                        break
                    end = _LONGEST
                    # No character has more than four bytes: what does is none.
                    while line[end] & 0xC0 == 0x80 and end > _LONGEST - 4:
                        end -= 1
                    rest = end
                self._line = line[rest:]
                text = str(line[:end], "utf-8").rstrip("\r")
                if text:
                    log_lines.say(
                        logging.INFO, _log.name, text, False, _log.to_broker(logging.INFO)
                    )
        except MemoryError:
            self._missed()
        except UnicodeError:
            self._missed()
        return len(data)

    def _missed(self):
        self._line = None
        log_lines.miss(_log.to_broker(logging.INFO))

    # What dupterm asks of a stream: there is never anything to read.

    def readinto(self, buf):
        return None

    def ioctl(self, request, argument):
        return 0


_lines = Lines()


def _captured(*args, **kwargs):
    _print(*args, **kwargs)
    if "file" not in kwargs:
        _print(*args, file=_lines, **kwargs)


def start(what):
    if what == "console" and hasattr(os, "dupterm"):
        before = os.dupterm(_lines)
        if before is None:
            return
        os.dupterm(before)
        _log.warning("the place of os.dupterm is taken: only what print() writes is taken along")
    builtins.print = _captured
