"""What a file system's error means, in the codes of docs/protocol.md."""

from ..reply import Failure

# By number: `errno` has names for some of them only, and not for the same on every port.
_WORDS = {
    1: ("readonly", "the file system refuses to change %s"),  # EPERM
    2: ("missing", "there is no %s"),  # ENOENT
    12: ("memory", "not enough memory for %s"),  # ENOMEM
    13: ("readonly", "the file system refuses to change %s"),  # EACCES
    17: ("exists", "%s exists already"),  # EEXIST
    20: ("file", "a file is in the way of %s"),  # ENOTDIR
    21: ("folder", "%s is a folder"),  # EISDIR
    22: ("name", "the file system refuses the name %s"),  # EINVAL
    28: ("full", "no room on the flash for %s"),  # ENOSPC
    30: ("readonly", "the file system of %s takes no changes"),  # EROFS
    36: ("name", "the name is too long: %s"),  # ENAMETOOLONG
    39: ("notempty", "the folder %s is not empty"),  # ENOTEMPTY
}


def failure(error, path):
    """A Failure for the OSError that came of working on `path`."""
    code, words = _WORDS.get(error.errno) or ("io", "%s: " + repr(error))
    return Failure(code, words % path)
