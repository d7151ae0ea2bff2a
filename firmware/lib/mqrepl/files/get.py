"""The command `get`: the host pulls a file, by offset."""

import json
import os
from hashlib import sha256
from struct import unpack_from

from micropython import const

from ..reply import Failure
from . import hashing
from .paths import checked, expect_file
from .transfer import Transfer

_HEADER = 10
_LARGEST = const(16384)  # bytes of data in a frame: it takes as much memory


def get(reply, head, body):
    path = checked(head["path"])
    return Get(reply, path, head.get("at", 0), head.get("sha")).carry_out()


class Get(Transfer):
    def __init__(self, reply, path, at, sha):
        size = expect_file(path)
        super().__init__(reply, None)
        self.reads = path
        self._stamp = _stamp(path)
        self._size = size
        self._at = at
        self._sha = sha
        self._end = 0  # the host takes bytes up to here
        self._chunk = 0
        self._back = None  # where the host wants it again from
        self._complete = False

    async def work(self):
        reply = self.reply
        self._hash = sha256()
        self._at = await self._begin()
        print(json.dumps({"size": self._size, "at": self._at}), file=reply)
        reply.flush()
        self._hashed = self._at
        self.waiting = True
        with open(self.reads, "rb") as file:
            file.seek(self._at)
            await self._send(file)
        if _stamp(self.reads) != self._stamp:
            raise Failure("changed", "%s was changed while it was read" % self.reads)
        reply.result({"size": self._size, "sha": self._hash.digest().hex()})

    async def _begin(self):
        """How much of the file the host has already."""
        at = self._at
        if 0 < at <= self._size:
            same = sha256()
            whole = await hashing.feed(self.reads, 0, at, same, self._hash)
            if whole and same.digest().hex() == self._sha:
                return at
            self._hash = sha256()
        return 0

    async def _send(self, file):
        reply = self.reply
        client = reply.server.client()
        topic = reply.server.topic(reply.host)
        wake = self.wake
        frame = None
        while not self._complete:
            if self._back is not None:
                self._at, self._back = self._back, None
                file.seek(self._at)
            at = self._at
            n = min(self._chunk, self._end - at, self._size - at)
            if n <= 0:
                await wake.wait()
                wake.clear()
                continue
            if not frame:
                frame = self._frame(n)
            view = frame[: _HEADER + min(n, len(frame) - _HEADER)]
            n = file.readinto(view[_HEADER:])
            if not n:
                raise Failure("changed", "%s became shorter while it was read" % self.reads)
            self._hash_new(at, view[_HEADER : _HEADER + n])
            view[6:10] = at.to_bytes(4, "big")
            self._at = at + n
            await client.publish(topic, view[: _HEADER + n])

    def _frame(self, n):
        """A buffer for frames of `n` bytes, of fewer where memory is short."""
        n = max(n, min(self._chunk, self.reply.server.room()))
        while True:
            try:
                frame = bytearray(_HEADER + n)
                break
            except MemoryError:
                n //= 2
                if n < 256:
                    raise
        frame[:6] = b"d\0" + self.reply.key[:4]
        return memoryview(frame)

    def _hash_new(self, at, data):
        """What is sent again counts once."""
        skip = self._hashed - at
        if skip < len(data):
            self._hash.update(data[skip:] if skip else data)
            self._hashed = at + len(data)

    def go_on(self, n, again, view):
        if not self.waiting or len(view) < 8:
            return
        self.unheard = 0
        end, chunk = unpack_from(">II", view)
        self._chunk = min(chunk, _LARGEST)
        self._end = max(self._end, end)
        if again and n < self._at:
            self._back = n
        if n >= self._size:
            self._complete = True
        self.wake.set()


def _stamp(path):
    """What another content has otherwise: size and time of change. Reading changes neither."""
    stat = os.stat(path)
    return stat[6], stat[8]
