"""The step `list`: what is in the slots."""

import asyncio
import os

import crash
from mqrepl.files.marker import tell
from mqrepl.files.paths import kind, room

from . import slots
from .place import holds


async def run(step, reply, command):
    found = {"framework": {"version": crash.facts.get("fw"), "modified": []}}
    for slot in slots.SLOTS:
        base = slots.ROOT + slot + "/"
        head = slots.head(base + "now")
        if head:
            found[slot] = await _slot(base, head, command.get("verify"))
        before = slots.other(base)
        if before and not before[0] and slot in found:
            found[slot]["before"] = slots.head(before[1]).get("version") if before[1] else ""
    size, _, free = room("/")
    value = {"slots": found, "free": size * free}
    if "update" in crash.facts:
        value["update"] = crash.facts["update"]
    reply.result(value)


async def _slot(base, head, verify):
    modified = []
    marked = kind(base + "modified")
    count = 0
    for sha, size, path in slots.files(base + "now"):
        count += 1
        if (verify or marked) and not await holds(path, size, sha):
            modified.append(path)
        await asyncio.sleep_ms(0)
    if marked and not modified:  # somebody has put back what it was
        os.remove(base + "modified")
        tell()
    return {
        "name": head.get("name"),
        "version": head.get("version"),
        "files": count,
        "modified": modified,
    }
