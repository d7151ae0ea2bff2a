"""The commands `stat`, `mkdir` and `rename`: over in one step."""

import os
import time

from ..reply import Failure
from . import changes
from .paths import above, checked, expect_file, kind, need_folder, new, room, root_of
from .transfer import changed

_2020 = 1577836800  # in UNIX seconds; before it a clock is unset
_2000 = 946684800


def stat(reply, head, body):
    path = checked(head["path"])
    found = os.stat(path)
    if found[0] & 0x4000:
        size, total, free = room(path)
        value = {"type": "folder", "total": size * total, "free": size * free}
    else:
        seconds = found[8] + (_2000 if time.gmtime(0)[0] == 2000 else 0)
        value = {"type": "file", "size": found[6], "mtime": seconds if seconds > _2020 else None}
    reply.result(value)


def mkdir(reply, head, body):
    path = new(head["path"])
    parents = head.get("parents")
    if kind(path) == "folder":
        if not parents:
            raise Failure("exists", "%s exists already" % path)
        made = 0
    else:
        made = need_folder(above(path), parents) + need_folder(path, True)
    reply.result({"made": made})


def rename(reply, head, body):
    path = checked(head["path"])
    to = new(head["to"])
    found = kind(path)
    if not found:
        raise Failure("missing", "there is no %s" % path)
    if path != to:
        _check_target(path, found, to)
        changes(path)
        changes(to)
        changed(path)
        changed(to)
        os.rename(path, to)
    reply.result({})


def _check_target(path, found, to):
    if to.startswith(path + "/") or path == "/":
        raise Failure("folder", "a folder cannot be moved into itself: %s" % to)
    there = kind(to)
    if there == "folder":
        raise Failure("folder", "%s is a folder" % to)
    if there and found == "folder":
        raise Failure("file", "%s is a file, and a folder cannot replace it" % to)
    need_folder(above(to), False)
    if root_of(path) != root_of(to):
        raise Failure("io", "%s and %s are on different file systems" % (path, to))
    if there:
        expect_file(to)
