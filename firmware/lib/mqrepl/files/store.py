"""A file on its way in: hidden until it is whole, and read back as it grows."""

import os
from hashlib import sha256
from time import ticks_diff, ticks_ms

from micropython import const

from ..reply import Failure
from . import changes, hashing
from .paths import HIDDEN, replace, root_of
from .room import found, need
from .transfer import changed

# What a power cut may cost, whichever is more: each time it is made sure takes the flash a while.
_BATCH = const(65536)  # bytes
_OFTEN = const(100)  # ms


class Store:
    """`size`: bytes written; `due`: whether so much is unchecked that check() should be called."""

    def __init__(self, path, key):
        """`key`: bytes that tell this content for this path from any other."""
        self._path = path
        self.root = root_of(path)
        stem = self.root + HIDDEN + sha256(path.encode() + b"\0" + key).digest()[:8].hex()
        self.hidden = stem + ".0"
        self._file = None
        self._hash = sha256()
        self.checked = 0
        self._since = ticks_ms()
        self.size = found(stem)
        self._fresh = self.size == 0

    def open(self, total):
        """Opens the hidden file behind what is there of it. Failure where `total` has no room."""
        if self.size > total:
            self.size = 0
        need(self.root, total - self.size, self.hidden)
        self._file = open(self.hidden, "ab" if self.size else "wb")  # noqa: SIM115 - see close()

    def write(self, view):
        self._file.write(view)
        self.size += len(view)

    def due(self):
        unsure = self.size - self.checked >= _BATCH
        return unsure and ticks_diff(ticks_ms(), self._since) >= _OFTEN

    async def check(self):
        """Brings what was written to the flash, reads it back and hashes it.

        Read by a handle of its own: moving the one that writes would cost a flash block each time.
        """
        size = self.size
        if size > self.checked:
            if self._file:
                self._file.flush()
            if not await hashing.feed(self.hidden, self.checked, size, self._hash):
                self._corrupt()
            self.checked = size
            self._since = ticks_ms()

    async def finish(self, sha):
        """Gives the file its name, if `sha` is the SHA-256 of what is stored."""
        self.close()
        await self.check()
        if self._hash.digest() != sha:
            self._corrupt()
        changes(self._path)
        changed(self._path)
        replace(self.hidden, self._path)

    def close(self):
        if self._file:
            file, self._file = self._file, None
            file.close()

    def failed(self, error):
        """Keeps what may be of use to the next try. A full flash is left as it was found."""
        if not self.size or self._fresh and isinstance(error, OSError):
            self.discard()
        else:
            self._close_whatever_happens()

    def discard(self):
        self._close_whatever_happens()
        try:
            os.remove(self.hidden)
        except OSError:
            pass

    def _close_whatever_happens(self):
        try:
            self.close()
        except OSError:
            pass

    def _corrupt(self):
        self.discard()
        raise Failure("corrupt", "what the flash holds is not what was sent, try again")
