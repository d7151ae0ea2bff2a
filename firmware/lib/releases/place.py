"""What is at the places where a release's files go, and are staged."""

from mqrepl.files import hashing
from mqrepl.files.paths import above, expect_file, kind, root_of
from mqrepl.reply import Failure


def check(path):
    """Failure where a folder is in the way, or a file in the place of a folder."""
    if kind(path) == "folder":
        raise Failure("folder", "%s is a folder" % path)
    if root_of(path) != "/":
        raise Failure("bad", "%s is on another file system" % path)
    folder = above(path)
    while folder != "/":
        found = kind(folder)
        if found == "file":
            raise Failure("file", "%s is a file, not a folder" % folder)
        if found:
            return
        folder = above(folder)


async def holds(path, size, sha):
    """Whether this is at `path`."""
    if kind(path) != "file" or expect_file(path) != size:
        return False
    return await hashing.of_file(path, size) == sha
