"""Tracebacks as the author of the code expects them."""

import io
import sys

from micropython import const

_SHIFT = const(2)  # lines that await_source puts before the author's
_LONG = const(200)  # bytes
_WRAPPED = '  File "<await>", line '


class _Lines(io.IOBase):
    """Takes a traceback in pieces; writes its lines without our own frames."""

    def __init__(self, stream):
        self._stream = stream
        self._line = bytearray()

    def write(self, data):
        if len(data) > _LONG:  # not one of ours, and not to be held as a whole
            self._stream.write(self._line)
            self._line = bytearray()
            return self._stream.write(data)
        self._line.extend(data)
        if data == b"\n" or b"\n" in data:
            for line in bytes(self._line).split(b"\n")[:-1]:
                self._out(line.decode())
            self._line = self._line[self._line.rfind(b"\n") + 1 :]
        return len(data)

    def _out(self, line):
        if line.startswith("  File ") and "mqrepl/" in line:
            return
        if line.startswith(_WRAPPED):
            number, comma, name = line[len(_WRAPPED) :].partition(",")
            line = '  File "<eval>", line %d%s%s' % (max(1, int(number) - _SHIFT), comma, name)
        if line.endswith(", in __mqb__"):
            line = line[:-7] + "<module>"
        self._stream.write(line.encode() + b"\n")


def write(stream, error):
    sys.print_exception(error, _Lines(stream))
