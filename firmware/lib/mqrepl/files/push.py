"""The half of a transfer that sends: as far as it is asked to, and again from where it is told."""

from hashlib import sha256
from struct import unpack_from

from micropython import const

from ..reply import Failure
from .transfer import Transfer

_HEADER = const(10)
_LARGEST = const(16384)  # bytes of data in a frame: it takes as much memory


class Push(Transfer):
    def __init__(self, reply, path, size):
        super().__init__(reply, None)
        self.reads = path
        self.size = size
        self.at = 0
        self.hash = sha256()  # of the file, up to `hashed`
        self.hashed = 0
        self._end = 0  # the host takes bytes up to here
        self._chunk = 0
        self._back = None  # where the host wants it again from
        self._complete = False

    async def send(self, file):
        """From `at` on, as far as the host asks, until it has everything."""
        reply = self.reply
        client = reply.server.client()
        topic = reply.server.topic(reply.host)
        wake = self.wake
        frame = None
        while not self._complete:
            if self._back is not None:
                self.at, self._back = self._back, None
                file.seek(self.at)
            at = self.at
            n = min(self._chunk, self._end - at, self.size - at)
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
            self.at = at + n
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
        skip = self.hashed - at
        if skip < len(data):
            self.hash.update(data[skip:] if skip else data)
            self.hashed = at + len(data)

    def go_on(self, n, again, view):
        if not self.waiting or len(view) < 8:
            return
        self.unheard = 0
        end, chunk = unpack_from(">II", view)
        self._chunk = min(chunk, _LARGEST)
        self._end = max(self._end, end)
        if again and n < self.at:
            self._back = n
        if n >= self.size:
            self._complete = True
        self.wake.set()
