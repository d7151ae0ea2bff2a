"""The command `put`: a file is pulled into a hidden one, which takes its name when it is whole."""

import os

from ..reply import Failure
from . import hashing
from .paths import above, kind, need_folder, new
from .pull import Pull
from .store import Store


def put(reply, head, body):
    path = new(head["path"])
    size = head["size"]
    sha = head["sha"]
    if size < 0 or len(bytes.fromhex(sha)) != 32:
        raise ValueError("size or sha cannot be")
    return Put(reply, path, size, sha, body, head).carry_out()


class Put(Pull):
    def __init__(self, reply, path, size, sha, body, head):
        super().__init__(reply, path + "\0" + sha, size, head.get("share"))
        self._path = path
        self._sha = sha
        self._body = body
        self._parents = head.get("parents")

    async def work(self):
        path = self._path
        size = self.size
        if await self._same():
            self.reply.result({"size": size, "at": size, "same": True})
            return
        need_folder(above(path), self._parents)
        self.store = store = Store(path, self._sha.encode())
        self.hidden = store.hidden
        store.open(size)
        await store.check()
        at = store.size
        store.write(self._body[at:])
        self._body = None
        if store.size < size:
            await self.receive()
        self.check_size()
        await store.finish(bytes.fromhex(self._sha))
        self.reply.result({"size": size, "at": at})

    def failed(self, error):
        if self.store:
            self.store.failed(error)

    async def _same(self):
        found = kind(self._path)
        if found == "folder":
            raise Failure("folder", "%s is a folder" % self._path)
        if not found or os.stat(self._path)[6] != self.size:
            return False
        return await hashing.of_file(self._path, self.size) == self._sha
