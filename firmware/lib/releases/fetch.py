"""The step `fetch`: the contents of files that are missing, as one transfer."""

import os

from mqrepl.files.paths import kind, need_folder
from mqrepl.files.pull import Pull
from mqrepl.files.room import need
from mqrepl.reply import Failure

from . import slots
from .parcel import Parcel


async def run(step, reply, command):
    await Fetch(reply, command).carry_out()


class Fetch(Pull):
    def __init__(self, reply, command):
        self._base = slots.folder(command["slot"])
        self._numbers = command["files"]
        key = "%s\0%s" % (command["slot"], command["sha"])
        super().__init__(reply, key, command["size"], command.get("share"))

    async def work(self):
        base = self._base
        slots.refuse_trial(slots.boot().load())
        size = count = 0
        for _, of_one, _ in self._wanted():
            size += of_one
            count += 1
        if size != self.size or count != len(self._numbers):
            raise Failure("bad", "files are numbers of the manifest's, size is their sum")
        need_folder(base + "new", True)
        self.store = store = Parcel(base + "new/", self._wanted)
        await _make_room(base, size - store.size)
        if store.size < size:
            await self.receive()
        self.check_size()
        await store.check()
        self.reply.result({"size": size})

    def failed(self, error):
        if self.store:
            self.store.close()

    def _wanted(self):
        """(number, size, SHA-256) of each, read as they are needed: a list takes memory."""
        at = 0
        numbers = self._numbers
        for number, entry in enumerate(slots.files(self._base + "next")):
            if at < len(numbers) and numbers[at] == number:
                at += 1
                yield number, entry[1], entry[0]


async def _make_room(base, size):
    """Where there is too little, the release before the one that is there is forgotten for it."""
    try:
        need("/", size, None)
    except Failure:
        if not slots.names(base + "old"):
            raise
        if kind(base + "plan"):
            os.remove(base + "plan")
        await slots.clear(base + "old")
        need("/", size, None)
