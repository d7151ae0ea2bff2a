"""What put and get have in common: their number, their partner's silence, and how they fail."""

import asyncio

from micropython import const

from .. import running
from ..reply import Failure

_MOST = const(4)
silence = 1200  # pulses of 50 ms: 60 s


class Transfer:
    """One side of a file's way. The exchange hands it the frames `d` and `g`.

    Time is counted in pulses of the reply, which do not pass while code holds the board.
    """

    reads = None  # the path that is read
    hidden = None  # the hidden file that is written
    waiting = False  # for the other side
    unheard = 0  # pulses since the other side was heard of
    error = None

    def __init__(self, reply, key):
        """BusyError where there are four already, or one with this key (None for no key)."""
        running.check_room()
        others = active()
        if len(others) >= _MOST:
            raise running.BusyError("four transfers run, try again")
        for other in others:
            if key and other.key == key:
                raise running.BusyError("the same transfer runs already, try again")
        self.key = key
        self.reply = reply
        self.wake = asyncio.Event()
        reply.transfer = self

    def data(self, n, packed, view):
        pass

    def go_on(self, n, again, view):
        pass

    def take(self, n, last, data):
        """A message of version 1."""

    def pulse(self):
        if self.waiting:
            self.unheard += 1
            if self.unheard > silence:
                self.fail(Failure("silent", "the other side was not heard of for 60 s"))

    def fail(self, error):
        """Ends it from outside, wherever it awaits."""
        if not self.error:
            self.error = error
            self.waiting = False
            if self.reply.task and self.reply.begun:
                self.reply.task.cancel()

    async def carry_out(self):
        try:
            if self.error:
                raise self.error
            await self.work()
        except BaseException as e:
            # What ended it from outside arrives as the CancelledError of its task.
            error = self.error if self.error and isinstance(e, asyncio.CancelledError) else e
            self.failed(error)
            raise error

    def failed(self, error):
        """Tidies up."""


def active():
    return [reply.transfer for reply in running.replies if reply.transfer]


def changed(path):
    """Ends what reads `path`, or a file below it: its blocks are free for others now."""
    for transfer in active():
        reads = transfer.reads
        if reads and (reads == path or reads.startswith(path + "/")):
            words = "%s was changed or removed while it was read" % reads
            transfer.fail(Failure("changed", words))
