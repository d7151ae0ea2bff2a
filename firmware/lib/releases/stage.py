"""The step `stage`: what of the manifest that was put is not on the board yet."""

import asyncio
import os

from mqrepl.files import hashing
from mqrepl.files.marker import tell
from mqrepl.files.paths import expect_file, kind

from . import manifest, slots
from .place import check, holds


async def run(step, reply, command):
    slot = command["slot"]
    base = slots.folder(slot)
    slots.refuse_trial(slots.boot().load())
    manifest.check(slot)
    _forget_undone(base)
    missing, size, staged = await _compare(slot, base)
    if not missing and not staged and await _is_now(base):
        os.remove(base + "next")
        if kind(base + "modified"):
            os.remove(base + "modified")
            tell()
        reply.result({"missing": [], "bytes": 0, "same": True})
        return
    reply.result({"missing": missing, "bytes": size})


def _forget_undone(base):
    """A release that was undone waits in new/, where files are staged: those alike are kept."""
    found = slots.other(base)
    if found and found[0]:
        os.remove(base + "plan")


async def _compare(slot, base):
    """(numbers of the files that are missing, their bytes, how many are staged)."""
    new = base + "new/"
    missing = []
    bytes_missing = staged = 0
    useless = set(slots.names(new))
    for number, sha, size, path in manifest.entries(slot):
        check(path)
        if not await holds(path, size, sha):
            name = str(number)
            if name in useless and await holds(new + name, size, sha):
                staged += 1
            else:
                missing.append(number)
                bytes_missing += size
                name = slots.part(number, sha)
            useless.discard(name)
        await asyncio.sleep_ms(0)
    for name in useless:
        os.remove(new + name)
        await asyncio.sleep_ms(0)
    return missing, bytes_missing, staged


async def _is_now(base):
    """Whether what was put is the manifest of what is there."""
    now = base + "now"
    if kind(now) != "file":
        return False
    size = expect_file(base + "next")
    return await holds(now, size, await hashing.of_file(base + "next", size))
