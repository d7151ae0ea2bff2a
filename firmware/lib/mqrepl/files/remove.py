"""The command `remove`: a file, an empty folder, or all that is below one."""

import asyncio
import os

from ..reply import Failure
from . import changes
from .paths import above, checked, expect_file
from .transfer import changed


def remove(reply, head, body):
    path = checked(head["path"])
    what = head["what"]
    if what not in ("file", "folder", "all"):
        raise ValueError("what cannot be")
    folder = os.stat(path)[0] & 0x4000
    if path == "/":
        raise Failure("folder", "the root folder cannot be removed")
    if what == "folder" and not folder:
        raise Failure("file", "%s is a file, not a folder" % path)
    changes(path)
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
    """Looks at a folder until nothing is in it: a list of its entries may not fit into memory."""
    changed(path)
    removed = 0
    folder = path
    while True:
        inner = None
        entries = 0
        for entry in os.ilistdir(folder):
            entries += 1
            name = folder + "/" + entry[0]
            if entry[1] == 0x4000:
                inner = name
                continue
            changed(name)
            os.remove(name)
            removed += 1
            await asyncio.sleep_ms(0)
        if inner:
            folder = inner
        elif not entries:
            os.rmdir(folder)
            removed += 1
            if folder == path:
                break
            folder = above(folder)
    reply.result({"removed": removed})
