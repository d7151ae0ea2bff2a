"""The step `write`: an image, or what of it the board has not, is pulled into its partition."""

from binascii import a2b_base64
from hashlib import sha256
from time import ticks_diff, ticks_ms

from micropython import const
from mqrepl.files.pull import Pull

from . import delta, progress
from .choose import check_free, verified
from .image import BLOCK, KEY, Image, blocks_of
from .slots import check, label, room, slots

# What a reset may cost, whichever is more: to note how far it is takes the flash a while.
_BATCH = const(65536)  # bytes
_OFTEN = const(100)  # ms


def begin(reply, head, body):
    size = head["size"]
    copies = head.get("copies") or []
    if len(bytes.fromhex(head["sha"])) != 32 or size < 0:
        raise ValueError("size or sha")
    return Write(reply, head, size, copies).carry_out()


class Write(Pull):
    hidden = progress.PATH

    def __init__(self, reply, head, size, copies):
        super().__init__(reply, KEY, head["patch"] if copies else size, head.get("share"))
        self._head = head
        self._copies = copies
        self._image_size = size

    async def work(self):
        head = self._head
        size = self._image_size
        sha = head["sha"]
        check_free()
        running, free = slots()
        check(a2b_base64(head["head"]), size, running, free)
        blocks = blocks_of(size)
        copies = delta.ordered(self._copies, blocks, room(running) // BLOCK)
        if delta.patch_size(copies, size) != self.size:
            raise ValueError("patch")
        of = sha256(repr(copies).encode()).digest()[:8].hex()
        self.store = store = Noted(free, delta.sent(copies, blocks), self.size)
        at = store.resume({"sha": sha, "size": size, "to": label(free), "copies": of})
        await store.copy(running, copies)
        if store.size < self.size:
            await self.receive()
        store.end()
        store.note(self.size)
        await verified(sha, size, running, free)
        self.reply.result({"size": size, "at": at})


class Noted(Image):
    """An image of which it is noted now and then how much is there."""

    def resume(self, key):
        """Goes on behind what was noted under the same `key`. How many bytes are there."""
        known = progress.load()
        at = known.pop("at", 0)
        self._key = key
        self._since = ticks_ms()
        if known == key:
            self.skip(at)
        else:
            progress.discard()
        self._noted = self.size
        return self.size

    def due(self):
        behind = self.size - self._noted
        return behind >= _BATCH and ticks_diff(ticks_ms(), self._since) >= _OFTEN

    async def check(self):
        self.note(self.size // BLOCK * BLOCK)

    def note(self, at):
        if at > self._noted:
            progress.save(dict(self._key, at=at))
            self._noted = at
            self._since = ticks_ms()
