"""The commands `list` and `hash`."""

import asyncio
import json
import os

from micropython import const

from ..reply import Failure
from . import hashing
from .paths import HIDDEN, checked, expect_file

_STEP = const(16)  # entries at a stretch


async def hash(reply, head, body):
    path = checked(head["path"])
    size = expect_file(path)
    sha = await hashing.of_file(path, size)
    if not sha:
        raise Failure("changed", "%s became shorter while it was read" % path)
    reply.result({"size": size, "sha": sha})


async def list(reply, head, body):
    path = checked(head["path"])
    sha = head.get("sha")
    if not os.stat(path)[0] & 0x4000:
        await _print_file(reply, path, "", expect_file(path), sha)
        reply.result({"entries": 1})
        return
    base = path if path == "/" else path + "/"
    folders = [""]
    entries = 0
    while folders:
        folder = folders.pop()
        try:
            found = os.ilistdir(base + folder[:-1] if folder else path)
        except OSError as e:
            _check_gone(e, folder)
            continue
        for entry in found:
            name = folder + entry[0]
            if entry[0].startswith(HIDDEN):
                continue
            if entry[1] == 0x4000:
                print(json.dumps([name + "/"]), file=reply)
                if head.get("deep"):
                    folders.append(name + "/")
            else:
                try:
                    size = entry[3] if len(entry) > 3 else os.stat(base + name)[6]
                    await _print_file(reply, base + name, name, size, sha)
                except OSError as e:
                    _check_gone(e, name)
                    continue
            entries += 1
            if entries % _STEP == 0:
                await asyncio.sleep_ms(0)
    reply.result({"entries": entries})


def _check_gone(error, name):
    """What is in the folder may be removed while others are listed; the folder itself may not."""
    if not name or error.errno != 2:
        raise error


async def _print_file(reply, path, name, size, sha):
    line = [name, size]
    if sha:
        line.append(await hashing.of_file(path, size))
    print(json.dumps(line), file=reply)
