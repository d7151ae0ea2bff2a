"""The command `get`: the host pulls a file, by offset."""

import json
import os
from hashlib import sha256

from ..reply import Failure
from . import hashing
from .paths import checked, expect_file
from .push import Push


def get(reply, head, body):
    path = checked(head["path"])
    return Get(reply, path, head.get("at", 0), head.get("sha")).carry_out()


class Get(Push):
    def __init__(self, reply, path, at, sha):
        """`at` and `sha`: how much the host has, and what its SHA-256 is."""
        super().__init__(reply, path, expect_file(path))
        self._stamp = _stamp(path)
        self._there = at
        self._sha = sha

    async def work(self):
        reply = self.reply
        self.at = self.hashed = await self._begin()
        print(json.dumps({"size": self.size, "at": self.at}), file=reply)
        reply.flush()
        self.waiting = True
        with open(self.reads, "rb") as file:
            file.seek(self.at)
            await self.send(file)
        if _stamp(self.reads) != self._stamp:
            raise Failure("changed", "%s was changed while it was read" % self.reads)
        reply.result({"size": self.size, "sha": self.hash.digest().hex()})

    async def _begin(self):
        """How much of the file the host has already."""
        at = self._there
        if 0 < at <= self.size:
            same = sha256()
            whole = await hashing.feed(self.reads, 0, at, same, self.hash)
            if whole and same.digest().hex() == self._sha:
                return at
            self.hash = sha256()
        return 0


def _stamp(path):
    """What another content has otherwise: size and time of change. Reading changes neither."""
    stat = os.stat(path)
    return stat[6], stat[8]
