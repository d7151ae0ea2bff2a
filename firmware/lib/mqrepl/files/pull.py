"""The half of a transfer that receives: it asks by offset, as fast as it can store."""

import asyncio
from struct import pack_into
from time import ticks_diff, ticks_ms

from micropython import const

from ..reply import Failure
from .transfer import Transfer

_WINDOW = const(262144)  # bytes at most
# ms that a window takes beyond the way there and back:
_QUICK = const(250)  # larger ones do no harm
_SLOW = const(1000)  # other commands wait for it
_AGAIN = const(20)  # pulses of 50 ms without data


class Pull(Transfer):
    store = None
    topic = None  # of the stream that it shares with other boards
    _behind = False  # something of the shared stream was missed, and asked for

    def __init__(self, reply, key, size, share=None):
        """`size` of the whole file, in bytes; `share`: as the wire has it."""
        super().__init__(reply, key)
        self.size = size
        if share:
            from .sharing import checked

            self.topic, self.share = checked(share)
        self._chunk = reply.server.room()
        self._window = 4 * self._chunk
        self._end = 0
        self._mark = 0  # where the window that is timed ends
        self._since = 0
        self._lag = -1  # ms of the way there and back
        self._still = 0  # pulses since data came, or were asked for again
        self._patience = _AGAIN
        self._gap = -1
        self._frame = bytearray(b"g\0" + reply.key[:4] + bytes(12))

    def check_size(self):
        if self.store.size > self.size:
            raise Failure("corrupt", "more was sent than the file's size")

    async def receive(self):
        """Until the store has the whole file, or more."""
        if not self.topic:
            await self._receive()
            return
        from . import sharing

        try:
            await sharing.join(self)
            await self._receive()
        finally:
            sharing.leave(self)

    async def _receive(self):
        store = self.store
        size = self.size
        self.waiting = True
        self._since = ticks_ms()
        self._mark = store.size + self._window
        self._ask(0)
        wake = self.wake
        while store.size < size:
            await wake.wait()
            wake.clear()
            if store.due():
                await store.check()
            await asyncio.sleep_ms(0)
            # Nothing more is there: the sender, or a broker with Nagle's algorithm, waits.
            if not wake.is_set() and store.size > self._told:
                self._ask(0)
        self.waiting = False

    def shared_data(self, n, packed, view):
        """What is asked for once comes on the own topic, until the stream is where this one is."""
        have = self.store.size
        if n > have and self._behind:
            return
        self._behind = n > have
        self.data(n, packed, view)

    def data(self, n, packed, view):
        """Runs inside the receive loop: `view` is of its buffer."""
        if not self.waiting:
            return
        self.unheard = self._still = 0
        if self._lag < 0:
            self._lag = ticks_diff(ticks_ms(), self._since)
        store = self.store
        have = store.size
        if n != have:
            if n > have != self._gap:
                self._gap = have
                self._ask(2)
            return
        try:
            if packed:
                from .inflate import inflate

                inflate(view, store, self.size)
            else:
                store.write(view)
            self.check_size()
        except Exception as e:
            self.fail(e)
        self._patience = _AGAIN
        if store.size - self._told >= self._window >> 2:
            self._ask(0)
        self.wake.set()

    def pulse(self):
        super().pulse()
        if self.waiting:
            self._still += 1
            if self._still >= self._patience:
                self._patience = 2 * _AGAIN
                self._window = max(2 * self._chunk, self._window // 2)
                self._ask(2)

    def _ask(self, flags):
        have = self.store.size
        if have >= self._mark:
            self._adapt(have)
        self._still = 0
        self._told = have
        self._end = max(self._end, have + self._window)
        frame = self._frame
        frame[1] = flags
        pack_into(">III", frame, 6, have, self._end, self._chunk)
        self.reply.server.send(self.reply.host, frame)

    def _adapt(self, have):
        now = ticks_ms()
        took = ticks_diff(now, self._since) - self._lag
        if took < _QUICK:
            self._window = min(_WINDOW, self._window * 2)
        elif took > _SLOW:
            self._window = max(2 * self._chunk, self._window // 2)
        self._mark = have + self._window
        self._since = now
