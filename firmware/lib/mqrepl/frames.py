"""The reply of version 2: numbered frames, kept until the host has acknowledged them."""

import json
from asyncio import CancelledError

from micropython import const

from .reply import Failure, Reply, buffer
from .trace import write as write_trace

_HEADER = const(10)
_KEPT = const(4096)  # bytes of unacknowledged frames

_OUTPUT = const(0x6F)  # o
_VALUE = const(0x76)  # v
_EXCEPTION = const(0x65)  # e
_FAILED = const(0x66)  # f
_STOPPED = const(0x73)  # s


class Frames(Reply):
    head = _HEADER
    room = 1024
    ended = False
    _accepted = False
    _kind = _OUTPUT

    def __init__(self, server, host, key):
        super().__init__()
        self.server = server
        self.host = host
        self.key = key
        self._sent = 0
        self._kept = []
        self._size = 0  # bytes in it

    def value(self, value):
        self._switch(_VALUE)
        super().value(value)

    def result(self, value):
        """A value that is JSON, not a repr; bytes are JSON already."""
        self._switch(_VALUE)
        self.write(value if isinstance(value, bytes) else json.dumps(value).encode())

    def end(self):
        self._switch(_VALUE)
        self._end()

    def report(self, error):
        if self.cancelled and isinstance(error, CancelledError):
            self._switch(_STOPPED)
            self.flush(True)
            self.server.over(self.key)
        elif isinstance(error, Failure):
            self._switch(_FAILED)
            self.write(("%s %s" % error.args).encode())
            self._end()
        else:
            self._switch(_EXCEPTION)
            write_trace(self, error)
            self._end()

    def pulse(self):
        if not self._accepted:
            self._accepted = True
            self.say(b"k")
        self.flush()
        super().pulse()

    def send(self, frame, last):
        n = self._sent
        self._sent = n + 1
        buffer[0] = self._kind
        buffer[1] = 1 if last else 0
        buffer[2:6] = self.key[:4]
        buffer[6:10] = n.to_bytes(4, "big")
        kept = self._kept
        self._size += len(frame)
        while self._size > _KEPT:
            self._size -= len(kept.pop(0))
        try:
            frame = bytes(frame)
            kept.append(frame)
        except MemoryError:
            kept.clear()  # sent it is nevertheless, from the buffer
            self._size = 0
        self.server.send(self.host, frame)

    def acknowledged(self, n):
        """The host has all frames before `n`."""
        kept = self._kept
        for _ in range(min(n - self._sent + len(kept), len(kept))):
            self._size -= len(kept.pop(0))
        if n < self._sent:
            self.repeat()
        elif self.ended:
            self.server.over(self.key)
        else:
            self.say(b"k")

    def shed(self):
        """Forgets all frames but the newest, with which the host notices what it has not got."""
        del self._kept[:-1]
        self._size = sum([len(frame) for frame in self._kept])

    def repeat(self):
        for frame in self._kept:
            self.server.send(self.host, frame)

    def say(self, kind, n=0):
        self.server.send(self.host, kind + b"\0" + self.key[:4] + n.to_bytes(4, "big"))

    def _switch(self, kind):
        if self._kind != kind:
            self.flush()
            self._kind = kind

    def _end(self):
        self.flush(True)
        self.ended = True
        self.server.ended(self.key)
