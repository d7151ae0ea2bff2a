"""The command `remove`: a file, an empty folder, or all that is below one."""

import asyncio
import os

from ..reply import Failure
from .paths import checked, expect_file
from .transfer import changed


def remove(reply, head, body):
    path = checked(head["path"])
    what = head["what"]
    folder = os.stat(path)[0] & 0x4000
    if path == "/":
        raise Failure("folder", "the root folder cannot be removed")
    if what == "folder" and not folder:
        raise Failure("file", "%s is a file, not a folder" % path)
    if what == "all" and folder:
        return _all(reply, path)
    if what == "file":
        expect_file(path)
    changed(path)
    # littlefs would remove a file by rmdir, too, and an empty folder by remove.
    (os.rmdir if folder else os.remove)(path)
    reply.result({"removed": 1})
    return None


async def _all(reply, path):
    changed(path)
    removed = 0
    folders = [path]
    while folders:
        folder = folders[-1]
        deeper = False
        for entry in list(os.ilistdir(folder)):
            name = folder + "/" + entry[0]
            if entry[1] == 0x4000:
                folders.append(name)
                deeper = True
                continue
            changed(name)
            os.remove(name)
            removed += 1
            await asyncio.sleep_ms(0)
        if not deeper:
            os.rmdir(folders.pop())
            removed += 1
    reply.result({"removed": removed})
