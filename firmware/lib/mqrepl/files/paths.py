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


def new(path):
    """`path` as it came, for something that is made: no name may be one of the board's own."""
    if ("/" + HIDDEN) in checked(path):
        raise Failure("name", "names that begin with %s are the board's own" % HIDDEN)
    return path


def kind(path):
    """'file' or 'folder', or None where there is nothing."""
    try:
        return "folder" if os.stat(path)[0] & 0x4000 else "file"
    except OSError as e:
        if e.errno in (2, 20):  # ENOENT, and ENOTDIR: a file where a folder should be
            return None
        raise


def replace(source, path):
    """Renames, also over a file that is there."""
    try:
        os.rename(source, path)
    except OSError as e:
        if e.errno != 17:  # EEXIST: FAT replaces nothing
            raise
        os.remove(path)
        os.rename(source, path)


def expect_file(path):
    """Its size; Failure where there is no file."""
    stat = os.stat(path)
    if stat[0] & 0x4000:
        raise Failure("folder", "%s is a folder" % path)
    return stat[6]


def room(path):
    """Blocks of the file system that `path` is on: size in bytes, how many, how many free."""
    stat = os.statvfs(path)
    # littlefs counts some blocks twice: on a full one less than nothing is free, unsigned.
    return stat[0], stat[2], stat[3] if stat[3] <= stat[2] else 0


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
    there = path
    found = kind(there)
    while make and not found:
        there = above(there)
        found = kind(there)
    if found == "file":
        raise Failure("file", "%s is a file, not a folder" % there)
    if not found:
        raise Failure("parent", "there is no folder %s" % path)
    made = 0
    while there != path:
        end = path.find("/", len(there) + 1)
        there = path[:end] if end > 0 else path
        os.mkdir(there)
        made += 1
    return made
