"""What a command answers with: a stream that it prints to, sent off in messages as it fills.

All replies share one buffer, so that the memory is there when it is needed: who wants to write
sends off what another reply has left in it.
"""

import asyncio
import gc
import io

from board import act_led
from micropython import const

from .trace import write as write_trace

SIZE = const(1402)  # of the longest message

buffer = bytearray(SIZE)
view = memoryview(buffer)
_PULSE = const(50)  # ms until output shows that does not fill a message
_owner = None  # the reply whose bytes are in the buffer
_running = []  # replies whose code awaits


class Reply(io.IOBase):
    """Subclasses say how a message is framed, in send(view, last); and what is said at the end, in
    end() and report(error)."""

    head = 0  # bytes before the data of a message
    room = SIZE  # bytes of a message
    task = None

    def __init__(self):
        self.fill = self.head

    def write(self, data):
        global _owner
        if _owner is not self:
            if _owner:
                _owner.flush()
            _owner = self
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

    def flush(self, last=False):
        """Sends what is in the buffer, or an empty message when it is the last."""
        global _owner
        if not last and self.fill == self.head:
            return
        if _owner is not self:
            if _owner:
                _owner.flush()
            _owner = self
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

    def failed(self, error):
        if isinstance(error, MemoryError):
            give_way()
        self.report(error)

    def trace(self, error):
        write_trace(self, error)

    def carry_out(self, command, head, body):
        """Runs a command; what of it awaits goes on as a task."""
        restock()
        act_led(True)
        try:
            coroutine = command(self, head, body)
            if not coroutine:
                self.end()
                act_led(False)
                return
        except BaseException as e:  # SystemExit and KeyboardInterrupt, too: they are the code's
            self.failed(e)
            act_led(False)
            return
        self.children = []
        _running.append(self)
        self.task = asyncio.create_task(self._run(coroutine))
        if len(_running) == 1:
            asyncio.create_task(_pulse())

    def pulse(self):
        """Called every now and then while the code awaits."""

    async def _run(self, coroutine):
        try:
            await coroutine
            self.end()
        except BaseException as e:
            self.failed(e)
        finally:
            _running.remove(self)
            self.task = None
            self.children = None
            act_led(False)


def busy():
    return len(_running) >= 6


async def _pulse():
    while _running:
        for reply in _running:
            reply.pulse()
        await asyncio.sleep_ms(_PULSE)


# --- whose print is it?


def current():
    """The reply of the command whose code runs in the current task, or None."""
    if not _running:
        return None
    task = asyncio.current_task()
    for reply in _running:
        if reply.task is task or task in reply.children:
            return reply
    return None


def _create_task(coroutine):
    """asyncio.create_task, which also remembers for which command the new task works."""
    task = _create(coroutine)
    reply = current() if _running else None
    if reply:
        if len(reply.children) > 8:
            reply.children = [child for child in reply.children if not child.done()]
        reply.children.append(task)
    return task


# gather() and wait_for() run what they get in tasks of their own, and MicroPython's tasks know
# nothing about who made them.
_create = asyncio.create_task
asyncio.create_task = asyncio.core.create_task = _create_task


# --- memory

_reserve = bytearray(2048)  # lets a full heap still report its MemoryError
_LOW = const(6144)  # bytes free below which a board can do little more than this
forget = None  # gives back what commands have left behind


def give_way():
    """After a MemoryError: makes room for its report, and for what comes after."""
    global _reserve
    _reserve = None
    gc.collect()
    if gc.mem_free() < _LOW:
        forget()
        gc.collect()


def restock():
    """Called before each command: puts the reserve back once there is memory again."""
    global _reserve
    if _reserve is None and gc.mem_free() > _LOW:
        try:
            _reserve = bytearray(2048)
        except MemoryError:
            pass  # in pieces still
