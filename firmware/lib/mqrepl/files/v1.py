"""`put` and `get` of version 1, where the sender knows nothing of the receiver."""

from hashlib import sha256

from micropython import const

from ..reply import Failure, borrowed
from .paths import above, checked, expect_file, kind, need_folder, new
from .store import Store
from .transfer import Transfer

_HEADER = const(2)
_ACKNOWLEDGED = const(8)  # each message whose number is a multiple of it, but 0


def put1(reply, head, body):
    """`body`: the data of the first message."""
    put = Put(reply, new(_path(head)))
    put.take(0, head["last"], body)
    return put.carry_out()


def get1(reply, head, body):
    return Get(reply, _path(head)).carry_out()


def _path(head):
    path = head["path"].rstrip("/")
    return checked(path if path[:1] == "/" else "/" + path)


class Put(Transfer):
    """Messages may come before its first step: the file is open from the beginning."""

    waiting = True

    def __init__(self, reply, path):
        super().__init__(reply, None)
        if kind(path) == "folder":
            raise Failure("folder", "%s is a folder" % path)
        need_folder(above(path), False)
        self._next = 0
        self._came = sha256()
        self._store = Store(path, reply.ident)
        self._store.size = 0
        self.hidden = self._store.hidden
        self._store.open(0)

    def take(self, n, last, data):
        """A message: number, last bit, data. Lower numbers are redeliveries."""
        self.unheard = 0
        if n < self._next or not self.waiting:
            return
        if n > self._next:
            words = "message %d came, and %d did not: put it again"
            self.fail(Failure("io", words % (n, self._next)))
            return
        self._next += 1
        try:
            self._store.write(data)
        except OSError as e:
            self.fail(e)
            return
        self._came.update(data)
        self.waiting = not last
        if n and n % _ACKNOWLEDGED == 0:
            self.reply.acknowledge(n)
        self.wake.set()

    async def work(self):
        store = self._store
        while self.waiting:
            await self.wake.wait()
            self.wake.clear()
            if store.due():
                await store.check()
        await store.finish(self._came.digest())
        self.reply.write(b"OK")

    def failed(self, error):
        self._store.discard()


class Get(Transfer):
    def __init__(self, reply, path):
        expect_file(path)
        super().__init__(reply, None)
        self.reads = path

    async def work(self):
        reply = self.reply
        with open(self.reads, "rb") as file:
            while True:
                view = borrowed()
                n = file.readinto(view[_HEADER:])
                if not n:
                    break
                await reply.send_on(view[: _HEADER + n])
