"""Tracebacks in few bytes, however long they are."""

import io
import sys
from binascii import crc32

from micropython import const

from .common import decoded

_FRAMES = const(640)  # bytes; of more the middle is left out
_WORDS = const(320)  # bytes of the exception's type and message
_LINE = const(200)
_CUT = b"  ...\n"


class Trace(io.IOBase):
    """The traceback of an exception, and `key`, the same whenever its type and place are."""

    def __init__(self, exception):
        self._line = b""
        self._frames = b""
        self._words = b""
        name = type(exception).__name__.encode()
        self.key = crc32(name)
        try:
            sys.print_exception(exception, self)
        except Exception as e:  # its text is code that fails
            self._words = b"%s: its text cannot be shown: %r\n" % (name, type(e))

    def text(self, most=_FRAMES):
        """As Python writes it, with at most so many bytes of frames, the innermost."""
        frames = self._frames
        if len(frames) > most:
            frames = _CUT + frames[frames.find(b"\n", len(frames) - most) + 1 :]
        return decoded(b"Traceback (most recent call last):\n" + frames + self._words)

    def words(self):
        """Type and message."""
        return decoded(self._words)

    def write(self, data):
        if len(self._line) < _LINE:
            self._line += bytes(data[:_LINE])
        if data[-1:] == b"\n":
            line, self._line = self._line, b""
            self._take(line if line[-1:] == b"\n" else line + b"...\n")
        return len(data)

    def _take(self, line):
        if not self._words and line.startswith(b"  File "):
            self.key = crc32(line, self.key)
            self._frames = _shortened(self._frames + line)
        elif self._words or not line.startswith(b"Traceback "):
            self._words = (self._words + line)[:_WORDS]


def _shortened(frames):
    if len(frames) <= _FRAMES:
        return frames
    start = frames.find(_CUT)
    if start < 0:
        start = frames.find(b"\n", _FRAMES // 2) + 1
        return frames[:start] + _CUT + frames[frames.find(b"\n", start) + 1 :]
    start += len(_CUT)
    return frames[:start] + frames[frames.find(b"\n", start) + 1 :]
