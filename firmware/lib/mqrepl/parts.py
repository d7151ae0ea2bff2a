"""Puts together a command that comes in several frames, in whatever order they arrive."""

from .v2 import LARGEST


class Parts:
    def __init__(self):
        self._whole = bytearray()  # without a gap
        self._ahead = {}  # parts behind a gap, by offset
        self._size = None  # known with the last part
        self._asked = -1

    def add(self, n, last, data):
        """(the command or None, the offset to ask for or None). ValueError: it is too large."""
        whole = self._whole
        have = len(whole)
        if n + len(data) > LARGEST:
            raise ValueError("a command has at most %d bytes" % LARGEST)
        if last:
            self._size = n + len(data)
        repeated = n < have or n in self._ahead
        if n > have:
            self._ahead[n] = bytes(data)
        elif n == have:
            whole.extend(data)
            while len(whole) in self._ahead:
                whole.extend(self._ahead.pop(len(whole)))
        have = len(whole)
        if have == self._size:
            return whole, None
        # Once for each gap while parts come in; again when the host begins to repeat.
        if (self._ahead or self._size) and (have != self._asked or repeated):
            self._asked = have
            return None, have
        return None, None
