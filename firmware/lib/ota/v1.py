"""`ota` of version 1: the image as numbered messages, whose sender does not ask for anything."""

from mqrepl.files.transfer import Transfer
from mqrepl.reply import Failure

from . import progress
from .choose import check_free, choose
from .image import KEY, Image
from .slots import check, room, slots

_ACKNOWLEDGED = 8  # each message whose number is a multiple of it, but 0


def begin(reply, head, body):
    """`body`: the data of the first message."""
    writing = Ota(reply, head["sha"], body)
    writing.take(0, head["last"], body)
    return writing.carry_out()


class Ota(Transfer):
    """Messages may come before its first step."""

    waiting = True

    def __init__(self, reply, sha, first):
        super().__init__(reply, KEY)
        if len(bytes.fromhex(sha)) != 32:
            raise ValueError("the SHA-256")
        check_free()
        running, free = slots()
        check(first, len(first), running, free)
        progress.discard()
        most = room(free)
        self._sha = sha
        self._next = 0
        self._image = Image(free, iter(range(most)), most)

    def take(self, n, last, data):
        """A message: number, last bit, data. Lower numbers are redeliveries."""
        self.unheard = 0
        if n < self._next or not self.waiting:
            return
        if n > self._next:
            words = "message %d came, and %d did not: send the image again"
            self.fail(Failure("io", words % (n, self._next)))
            return
        self._next += 1
        try:
            self._image.write(data)
            if last:
                self._image.end()
        except Exception as e:
            self.fail(e)
            return
        self.waiting = not last
        if n and n % _ACKNOWLEDGED == 0:
            self.reply.acknowledge(n)
        self.wake.set()

    async def work(self):
        while self.waiting:
            await self.wake.wait()
            self.wake.clear()
        sha = self._sha
        await choose(sha, self._image.size, "v1-" + sha[:12])
        self.reply.write(b"OK")
