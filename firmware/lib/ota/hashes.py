"""The step `hashes`: what the running image consists of; a host then sends the difference."""

import asyncio
from hashlib import sha256
from time import ticks_diff, ticks_ms

from micropython import const

from .image import BLOCK
from .slots import room, slots

_DIGITS = const(8)  # of a block's SHA-256
_STEP = const(10)  # ms at a stretch


async def begin(reply, head, body):
    running, _ = slots()
    blocks = room(running) // BLOCK
    block = bytearray(BLOCK)
    since = ticks_ms()
    for n in range(blocks):
        running.readblocks(n, block)
        reply.write(sha256(block).digest().hex()[:_DIGITS].encode())
        if ticks_diff(ticks_ms(), since) > _STEP:
            await asyncio.sleep_ms(0)
            since = ticks_ms()
    reply.result({"blocks": blocks})
