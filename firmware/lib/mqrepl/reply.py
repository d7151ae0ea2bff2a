"""What a command answers with: a stream that it prints to, sent off in messages as it fills.

All replies share one buffer, so that the memory is there when it is needed: who wants to write
sends off what another reply has left in it.
"""

import io

from micropython import const

SIZE = const(1402)  # of the longest message

buffer = bytearray(SIZE)
view = memoryview(buffer)
_owner = None  # the reply whose bytes are in the buffer


def borrowed():
    """The buffer as a view, for use until the next await."""
    if _owner:
        _owner.flush()
    return view


class Failure(Exception):  # noqa: N818 - named as the wire has it
    """What a command was for cannot be: a code of docs/protocol.md, and a sentence."""


class Reply(io.IOBase):
    """Subclasses say how a message is framed, in send(view, last); and what is said at the end, in
    end() and report(error)."""

    head = 0  # bytes before the data of a message
    room = SIZE  # bytes of a message
    task = None  # of a command that awaits
    begun = False  # of its task: one that has not begun is ended without a chance to clean up
    cancelled = False  # by the host
    ident = None  # of a command of version 1
    transfer = None  # of a command that puts or gets a file
    children = ()  # tasks that its code has made

    def __init__(self):
        self.fill = self.head

    def write(self, data):
        self.claim()
        size = len(data)
        fill = self.fill
        if fill + size <= self.room:
            buffer[fill : fill + size] = data
            self.fill = fill + size
            return size
        rest = memoryview(data)
        while rest:
            # A full buffer waits for the next byte: it may turn out to be the last message.
            if self.fill == self.room:
                self.flush()
            part = rest[: self.room - self.fill]
            buffer[self.fill : self.fill + len(part)] = part
            self.fill += len(part)
            rest = rest[len(part) :]
        return size

    def claim(self):
        """Takes the buffer, after what another reply has left in it was sent."""
        global _owner
        if _owner is not self:
            if _owner:
                _owner.flush()
            _owner = self

    def flush(self, last=False):
        """Sends what is in the buffer, or an empty message when it is the last."""
        if not last and self.fill == self.head:
            return
        self.claim()
        fill = self.fill
        self.fill = self.head
        self.send(view[:fill], last)

    def value(self, value):
        """Writes the repr of the value, piece by piece where it may be long."""
        kind = type(value)
        if kind is str or kind is bytes:
            if len(value) > 256:
                from .long_text import write

                write(self, value)
                return
        elif kind in (list, tuple, dict, set, bytearray):
            print(value, end="", file=self)  # in these, str is the same as repr
            return
        self.write(repr(value).encode())

    def pulse(self):
        """Called every 50 ms while the command awaits."""
        if self.transfer:
            self.transfer.pulse()
