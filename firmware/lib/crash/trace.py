"""Tracebacks in few bytes, however long they are."""

import io
import sys
from binascii import crc32

from micropython import const

_FRAMES = const(640)  # bytes; of more the middle is left out
_WORDS = const(320)  # bytes of the exception's type and message
_LINE = const(200)
_CUT = b"  ...\n"


def decoded(data):
    """Text of UTF-8 that may be cut anywhere."""
    try:
        return str(data, "utf-8")
    except UnicodeError:
        return "".join([chr(c) if c < 128 else "?" for c in data])


class Trace(io.IOBase):
    """A traceback: `key`, the same whenever type and place are; `words`, type and message."""

    def __init__(self, exception):
        self._line = b""
        self._frames = b""
        self.words = b""
        name = type(exception).__name__.encode()
        self.key = crc32(name)
        try:
            sys.print_exception(exception, self)
        except Exception as e:  # its text is code that fails
            self.words = b"%s: its text cannot be shown: %r\n" % (name, type(e))

    def text(self, most=_FRAMES):
        """As Python writes it, with at most so many bytes of frames, the innermost."""
        frames = self._frames
        if len(frames) > most:
            frames = _CUT + frames[frames.find(b"\n", len(frames) - most) + 1 :]
        return decoded(b"Traceback (most recent call last):\n" + frames + self.words)

    def write(self, data):
        if len(self._line) < _LINE:
            self._line += bytes(data[:_LINE])
        if data[-1:] == b"\n":
            line, self._line = self._line, b""
            self._take(line if line[-1:] == b"\n" else line + b"...\n")
        return len(data)

    def _take(self, line):
        if not self.words and line.startswith(b"  File "):
            self.key = crc32(line, self.key)
            self._frames = _shortened(self._frames + line)
        elif self.words or not line.startswith(b"Traceback "):
            self.words = (self.words + line)[:_WORDS]


def _shortened(frames):
    if len(frames) <= _FRAMES:
        return frames
    start = frames.find(_CUT)
    if start < 0:
        start = frames.find(b"\n", _FRAMES // 2) + 1
        return frames[:start] + _CUT + frames[frames.find(b"\n", start) + 1 :]
    start += len(_CUT)
    return frames[:start] + frames[frames.find(b"\n", start) + 1 :]
