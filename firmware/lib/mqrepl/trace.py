"""Tracebacks as the author of the code expects them."""

import io
import sys

from micropython import const

_SHIFT = const(2)  # lines that await_source puts before the author's
_WRAPPED = '  File "<await>", line '


class _Lines(io.IOBase):
    """Takes a traceback in pieces; writes its lines without our own frames."""

    def __init__(self, stream):
        self._stream = stream
        self._line = bytearray()

    def write(self, data):
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
            number, _, name = line[len(_WRAPPED) :].partition(",")
            name = name.replace("__mqb__", "<module>")
            line = '  File "<eval>", line %d' % max(1, int(number) - _SHIFT)
            line += "," + name if name else ""
        self._stream.write(line.encode() + b"\n")


def write(stream, error):
    sys.print_exception(error, _Lines(stream))
