"""The step `fetch`: the contents of files that are missing, as one transfer."""

from mqrepl.files.paths import need_folder
from mqrepl.files.pull import Pull
from mqrepl.reply import Failure

from . import manifest, slots
from .parcel import Parcel


async def run(step, reply, command):
    await Fetch(reply, command).carry_out()


class Fetch(Pull):
    def __init__(self, reply, command):
        self._slot = command["slot"]
        self._numbers = command["files"]
        key = "%s\0%s" % (self._slot, command["sha"])
        super().__init__(reply, key, command["size"], command.get("share"))

    async def work(self):
        slot = self._slot
        base = slots.folder(slot)
        slots.refuse_trial(slots.boot().load())
        manifest.check(slot)
        wanted = self._wanted()
        if sum([entry[1] for entry in wanted]) != self.size:
            raise Failure("bad", "size is not that of these files")
        need_folder(base + "new", True)
        self.store = store = Parcel(base + "new/", wanted)
        self._numbers = None
        await _make_room(base, self.size - store.size)
        if store.size < self.size:
            await self.receive()
        self.check_size()
        await store.check()
        self.reply.result({"size": self.size})

    def failed(self, error):
        if self.store:
            self.store.close()

    def _wanted(self):
        wanted = []
        numbers = self._numbers
        for number, sha, size, _ in manifest.entries(self._slot):
            if len(wanted) < len(numbers) and numbers[len(wanted)] == number:
                wanted.append((number, size, sha))
        if len(wanted) < len(numbers):
            raise Failure("bad", "files are numbers of the manifest's, in rising order")
        return wanted


async def _make_room(base, size):
    """Where there is too little, the release before the one that is there is forgotten for it."""
    import os

    from mqrepl.files.paths import kind
    from mqrepl.files.room import need

    try:
        need("/", size, None)
    except Failure:
        if not slots.names(base + "old"):
            raise
        if kind(base + "plan"):
            os.remove(base + "plan")
        await slots.clear(base + "old")
        need("/", size, None)
