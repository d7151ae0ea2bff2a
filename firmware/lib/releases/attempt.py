"""The step `try`: the plan of the swap, and the note that it is to be tried at the next boot."""

import asyncio
import os

from mqrepl.files.paths import kind
from mqrepl.reply import Failure

from . import manifest, slots
from .place import check, holds
from .trying import note


async def run(step, reply, command):
    slot = command["slot"]
    ident = command["id"]
    base = slots.folder(slot)
    state = slots.boot().load()
    trial = state.get("trial")
    if not trial or trial.get("id") != ident:  # else the reply to it was lost
        slots.refuse_trial(state)
        version = manifest.check(slot)["version"]
        await _plan(slot, base)
        note(ident, slot, version, "forward")
    reply.result({})


async def _plan(slot, base):
    """Sees that all is there, and says what a swap has to move where."""
    new = base + "new/"
    with open(base + "plan.new", "w") as file:
        count = 0
        for number, sha, size, path in manifest.entries(slot):
            count = number + 1
            check(path)
            if await holds(path, size, sha):
                continue
            if not await holds(new + str(number), size, sha):
                raise Failure(
                    "corrupt", "%s is not there as the manifest says: stage again" % path
                )
            file.write("%s %d %s\n" % ("r" if kind(path) else "a", number, path))
            await asyncio.sleep_ms(0)
        for paths in (_removed(base), _twins(base)):
            for path in paths:
                file.write("d %d %s\n" % (count, path))
                count += 1
                await asyncio.sleep_ms(0)
        if kind(base + "modified"):
            file.write("d %d %s\n" % (count, base + "modified"))
            count += 1
        file.write("%s %d %s\n" % ("r" if kind(base + "now") else "a", count, base + "now"))
    # The plan before goes first: what is in old/ and in new/ is of one plan at any time.
    if kind(base + "plan"):
        os.remove(base + "plan")
    await slots.clear(base + "old")
    for name in ("old", "new"):
        if not kind(base + name):
            os.mkdir(base + name)
    os.rename(base + "next", new + str(count))
    os.rename(base + "plan.new", base + "plan")


def _twins(base):
    """Source beside new bytecode, which import would take, and bytecode beside new source."""
    for _, _, path in slots.files(base + "next"):
        if path.endswith(".mpy"):
            twin = path[:-3] + "py"
        elif path.endswith(".py"):
            twin = path[:-2] + "mpy"
        else:
            continue
        if kind(twin) == "file" and not _names(base + "next", twin):
            yield twin


def _names(path, wanted):
    return any(entry[2] == wanted for entry in slots.files(path))


def _removed(base):
    """Paths that the release which is there has, and the new one has not."""
    if slots.head(base + "next").get("partial"):
        return
    walk = manifest.Walk(base + "next")
    for _, _, path in slots.files(base + "now"):
        if not walk.find(path) and kind(path) == "file":
            yield path
    walk.close()
