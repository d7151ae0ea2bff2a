"""One command of version 2, from its first part until its last reply frame is acknowledged."""

import json
from time import ticks_ms

from micropython import const

from . import running
from .frames import Frames

_TICKS = const(0x3FFFFFFF)
grace = 10000  # ms behind `until`: a host that has not cancelled its command by then is gone


class Exchange(Frames):
    _parts = None
    _started = False
    _heard = 0
    _until = 0

    def part(self, n, last, data):
        if self._started:
            self._is_there()
            self.say(b"k")
            if n == 0:
                self.repeat()
        elif n == 0 and last and not self._parts:
            self._start(bytes(data))
        else:
            self._gather(n, last, data)

    def acknowledged(self, n):
        if self._started:
            self._is_there()
            super().acknowledged(n)

    def cancel(self):
        if self.task:
            self.cancelled = True
            if self.begun:
                self.task.cancel()
        else:
            self.server.over(self.key)

    def data(self, n, packed, view):
        if self.transfer:
            self.transfer.data(n, packed, view)

    def go_on(self, n, again, view):
        if self.transfer:
            self.transfer.go_on(n, again, view)

    def pulse(self):
        super().pulse()
        if not self.transfer and not self.cancelled and _past(self._until + grace):
            self.cancel()

    def _is_there(self):
        if self.transfer:
            self.transfer.unheard = 0

    def silence(self):
        """ms since the latest part; -1 when the command is whole."""
        return -1 if self._started else (ticks_ms() - self._heard) & _TICKS

    def busy(self, words):
        self._refuse("busy", words)

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
            self._until = head["until"]
            late = _past(self._until)
            run = server.commands.get(head["do"])
        except (ValueError, KeyError, TypeError):
            self._refuse("bad", "expected a line of JSON with do, boot and until")
            return
        except MemoryError:
            self._refuse("large", "no memory")
            return
        if boot != server.boot:
            self._refuse("restarted", "the board has restarted")
        elif late:
            self._refuse("expired", "nobody waits for this command any more")
        elif not run:
            self._refuse("unknown", "this board has no command " + str(head["do"]))
        else:
            body = memoryview(command)[end + 1 :] if end >= 0 else b""
            running.carry_out(self, run, head, body)

    def _refuse(self, code, words):
        refusal = b"r\0" + self.key[:4] + b"\0\0\0\0" + (code + " " + words).encode()
        self.server.over(self.key, refusal)
        self.server.send(self.host, refusal)


def _past(time):
    """Of two times the earlier is the one from which the other is nearer."""
    return (time - ticks_ms()) & _TICKS > _TICKS >> 1
