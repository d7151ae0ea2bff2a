"""SHA-256 of what is stored, without holding up the link."""

import asyncio
from time import ticks_diff, ticks_ms

from micropython import const

from ..reply import SIZE, borrowed

_STEP = const(10)  # ms at a stretch


async def feed(path, start, end, *hashes):
    """Updates `hashes` with the bytes of a file. False where it is shorter than `end`."""
    since = ticks_ms()
    with open(path, "rb") as file:
        file.seek(start)
        left = end - start
        while left > 0:
            view = borrowed()
            n = file.readinto(view if left >= SIZE else view[:left])
            if not n:
                return False
            piece = view if n == SIZE else view[:n]
            for sha in hashes:
                sha.update(piece)
            left -= n
            if ticks_diff(ticks_ms(), since) > _STEP:
                await asyncio.sleep_ms(0)
                since = ticks_ms()
    return True


async def of_file(path, size):
    """SHA-256 of the first `size` bytes, in hexadecimal; None where there are fewer."""
    from hashlib import sha256

    sha = sha256()
    return sha.digest().hex() if await feed(path, 0, size, sha) else None
