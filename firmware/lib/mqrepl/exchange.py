"""One command of version 2, from its first part until its last reply frame is acknowledged."""

import json
from time import ticks_ms

from micropython import const

from . import running
from .frames import Frames

_TICKS = const(0x3FFFFFFF)
_PATIENCE = const(30000)  # ms for the next part of a command


class Exchange(Frames):
    _parts = None
    _started = False
    _heard = 0

    def part(self, n, last, data):
        if self._started:
            self.say(b"k")
            if n == 0:
                self.repeat()
        elif n == 0 and last and not self._parts:
            self._start(bytes(data))
        else:
            self._gather(n, last, data)

    def acknowledged(self, n):
        if self._started:
            super().acknowledged(n)

    def cancel(self):
        if self.task:
            self.cancelled = True
            self.task.cancel()
        else:
            self.server.over(self.key)

    def abandoned(self):
        """Whether parts of the command are missing and none comes any more."""
        return not self._started and (ticks_ms() - self._heard) & _TICKS > _PATIENCE

    def _gather(self, n, last, data):
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
            self.say(b"w", missing)

    def _start(self, command):
        """`command`: a line of JSON and the body."""
        self._started = True
        server = self.server
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
        elif running.busy():
            self._refuse("busy", "too many commands run, try again")
        else:
            body = memoryview(command)[end + 1 :] if end >= 0 else b""
            running.carry_out(self, run, head, body)

    def _refuse(self, code, words):
        refusal = b"r\0" + self.key[:4] + b"\0\0\0\0" + (code + " " + words).encode()
        self.server.over(self.key, refusal)
        self.server.send(self.host, refusal)
