"""One command of version 2, from its first part until its last reply frame is acknowledged."""

import json
from asyncio import CancelledError
from time import ticks_ms

from micropython import const

from .reply import Reply, buffer, busy

_HEADER = const(10)
_KEPT = const(4096)  # bytes of unacknowledged frames
_TICKS = const(0x3FFFFFFF)

_OUTPUT = const(0x6F)  # o
_VALUE = const(0x76)  # v
_EXCEPTION = const(0x65)  # e
_STOPPED = const(0x73)  # s


class Exchange(Reply):
    head = _HEADER
    room = 1024

    def __init__(self, server, host, key):
        super().__init__()
        self._server = server
        self._host = host
        self._key = key
        self._parts = None
        self._started = False
        self._ended = False
        self._accepted = False
        self._cancelled = False
        self._kind = _OUTPUT
        self._sent = 0
        self._kept = []
        self._size = 0  # bytes in it

    # --- from the host

    def part(self, n, last, data):
        if self._started:
            self._say(b"k", 0)
            if n == 0:
                self._repeat()
            return
        if n == 0 and last and not self._parts:
            self._start(bytes(data))
            return
        self._heard = ticks_ms()
        try:
            if not self._parts:
                from .parts import Parts

                self._parts = Parts()
            whole, missing = self._parts.add(n, last, data)
        except (ValueError, MemoryError) as e:
            self._refuse("large", str(e) or "no memory")
            return
        if whole is not None:
            self._parts = None
            self._start(whole)
        elif missing is not None:
            self._say(b"w", missing)

    def abandoned(self):
        """Whether parts of the command are missing and none has come for half a minute."""
        return not self._started and (ticks_ms() - self._heard) & _TICKS > 30000

    def acknowledged(self, n):
        kept = self._kept
        first = self._sent - len(kept)
        for _ in range(min(n - first, len(kept))):
            self._size -= len(kept.pop(0))
        if n < self._sent:
            self._repeat()
        elif self._ended:
            self._server.over(self._key)
        elif self._started:
            self._say(b"k", 0)

    def cancel(self):
        if self.task:
            self._cancelled = True
            self.task.cancel()
        else:
            self._server.over(self._key)

    # --- the command

    def _start(self, command):
        """`command`: a line of JSON and the body."""
        self._started = True
        server = self._server
        end = command.find(b"\n")
        try:
            head = json.loads(command[: end if end >= 0 else len(command)])
            boot = head["boot"]
            late = (head["until"] - ticks_ms()) & _TICKS > _TICKS >> 1
            run = server.commands.get(head["do"])
        except (ValueError, KeyError, TypeError):
            self._refuse("bad", "expected a line of JSON with do, boot and until")
            return
        if boot != server.boot:
            self._refuse("restarted", "the board has restarted")
        elif late:
            self._refuse("expired", "nobody waits for this command any more")
        elif not run:
            self._refuse("unknown", "this board has no command " + str(head["do"]))
        elif busy():
            self._refuse("busy", "too many commands run, try again")
        else:
            self.carry_out(run, head, memoryview(command)[end + 1 :] if end >= 0 else b"")

    def _refuse(self, code, words):
        refusal = b"r\0" + self._key[:4] + b"\0\0\0\0" + (code + " " + words).encode()
        self._server.over(self._key, refusal)
        self._server.send(self._host, refusal)

    # --- to the host

    def value(self, value):
        self._switch(_VALUE)
        super().value(value)

    def end(self):
        self._switch(_VALUE)
        self._end()

    def report(self, error):
        if self._cancelled and isinstance(error, CancelledError):
            self._switch(_STOPPED)
            self.flush(True)
            self._server.over(self._key)
        else:
            self._switch(_EXCEPTION)
            self.trace(error)
            self._end()

    def pulse(self):
        if not self._accepted:
            self._accepted = True
            self._say(b"k", 0)
        self.flush()

    def send(self, frame, last):
        buffer[0] = self._kind
        buffer[1] = 1 if last else 0
        buffer[2:6] = self._key[:4]
        n = self._sent
        buffer[6] = n >> 24
        buffer[7] = n >> 16 & 255
        buffer[8] = n >> 8 & 255
        buffer[9] = n & 255
        self._sent = n + 1
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
        self._server.send(self._host, frame)

    def _switch(self, kind):
        if self._kind != kind:
            self.flush()
            self._kind = kind

    def _end(self):
        self.flush(True)
        self._ended = True
        self._server.ended(self._key)

    def _say(self, kind, n):
        self._server.send(self._host, kind + b"\0" + self._key[:4] + n.to_bytes(4, "big"))

    def _repeat(self):
        for frame in self._kept:
            self._server.send(self._host, frame)
