"""Paths, and what is at them."""

import os

from micropython import const

from ..reply import Failure

HIDDEN = ".mqb-"  # names of files that are not whole yet begin like this
BOOTS = const(3)  # that such a file survives

_LONGEST = const(255)  # bytes of a name, on littlefs and on FAT


def checked(path):
    """`path` as it came when it is one that the wire allows, else Failure."""
    good = isinstance(path, str) and path[:1] == "/" and "\0" not in path
    if not good or (path != "/" and any(p in ("", ".", "..") for p in path[1:].split("/"))):
        raise Failure("name", "a path is absolute, without . and .. and a / at its end")
    if len(path) > _LONGEST and max(len(p.encode()) for p in path.split("/")) > _LONGEST:
        raise Failure("name", "the name is too long: %s" % path)
    return path


def kind(path):
    """'file' or 'folder', or None where there is nothing."""
    try:
        return "folder" if os.stat(path)[0] & 0x4000 else "file"
    except OSError as e:
        if e.errno in (2, 20):  # ENOENT, and ENOTDIR: a file where a folder should be
            return None
        raise


def expect_file(path):
    """Its size; Failure where there is no file."""
    stat = os.stat(path)
    if stat[0] & 0x4000:
        raise Failure("folder", "%s is a folder" % path)
    return stat[6]


def above(path):
    return path[: path.rfind("/")] or "/"


def root_of(path):
    """The root of the file system that `path` is on, with a / at its end."""
    end = path.find("/", 1)
    if end > 0:
        try:
            # There is no asking which folder is a mount: it has another size, or room.
            if os.statvfs(path[:end]) != os.statvfs("/"):
                return path[: end + 1]
        except OSError:
            pass
    return "/"


def need_folder(path, make):
    """Sees that the folder `path` is there, or makes it. How many were made."""
    found = kind(path)
    if found == "folder":
        return 0
    if found:
        raise Failure("file", "%s is a file, not a folder" % path)
    if path == "/":
        return 0
    if not make:
        raise Failure("parent", "there is no folder %s" % path)
    made = need_folder(above(path), True)
    os.mkdir(path)
    return made + 1
