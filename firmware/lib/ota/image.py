"""An image on its way into a partition, block by block."""

import asyncio
from hashlib import sha256
from time import ticks_diff, ticks_ms

from micropython import const
from mqrepl.reply import Failure

KEY = "\0image"  # of transfers: there is one partition, so one of them at a time
BLOCK = const(4096)
_PIECE = const(1024)
_STEP = const(10)  # ms of reading and hashing at a stretch


def blocks_of(size):
    return (size + BLOCK - 1) // BLOCK


class Image:
    """`size`: bytes that came. Blocks go where the iterator `targets` says, in its order."""

    def __init__(self, partition, targets, most):
        """`most` bytes may come."""
        self.partition = partition
        self.size = 0
        self._targets = targets
        self._most = most
        self._block = bytearray(BLOCK)
        self._fill = 0
        self._piece = memoryview(bytearray(_PIECE))

    def skip(self, size):
        """So many bytes came earlier: whole blocks, or all."""
        for _ in range(blocks_of(size)):
            next(self._targets)
        self.size = size

    def write(self, view):
        size = len(view)
        if self.size + size > self._most:
            raise Failure("corrupt", "more was sent than the %d bytes expected" % self._most)
        block = self._block
        fill = self._fill
        at = 0
        while at < size:
            n = min(BLOCK - fill, size - at)
            block[fill : fill + n] = view[at : at + n]
            at += n
            fill += n
            if fill == BLOCK:
                self._put(next(self._targets), block)
                fill = 0
        self._fill = fill
        self.size += size

    def end(self):
        """The last block may be a part of one."""
        if self._fill:
            for i in range(self._fill, BLOCK):
                self._block[i] = 0xFF
            self._put(next(self._targets), self._block)
            self._fill = 0

    async def copy(self, source, copies):
        """Blocks of another partition, before the first that come."""
        block = self._block
        for to, start, count in copies:
            for i in range(count):
                source.readblocks(start + i, block)
                self._put(to + i, block)
                await asyncio.sleep_ms(0)

    def _put(self, n, block):
        """What is there already is not written again: that spares the flash, and the time."""
        piece = self._piece
        view = memoryview(block)
        for at in range(0, BLOCK, _PIECE):
            self.partition.readblocks(n, piece, at)
            if piece != view[at : at + _PIECE]:
                self.partition.writeblocks(n, block)
                return


async def digest(partition, size):
    """SHA-256 of the first `size` bytes that a partition holds, in hexadecimal."""
    sha = sha256()
    block = memoryview(bytearray(BLOCK))
    since = ticks_ms()
    for n in range(blocks_of(size)):
        partition.readblocks(n, block)
        sha.update(block[: min(BLOCK, size - n * BLOCK)])
        if ticks_diff(ticks_ms(), since) > _STEP:
            await asyncio.sleep_ms(0)
            since = ticks_ms()
    return sha.digest().hex()
