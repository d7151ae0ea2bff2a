"""What there is on a file system: of an earlier try, and for the rest."""

import os

from ..reply import Failure
from .paths import BOOTS, room


def found(stem):
    """Bytes that are there of an earlier try, under the name `stem` + ".0" from now on."""
    for boots in range(BOOTS + 1):
        name = "%s.%d" % (stem, boots)
        try:
            size = os.stat(name)[6]
        except OSError:
            continue
        if boots:
            os.rename(name, stem + ".0")
        return size
    return 0


def need(root, size, keep):
    """Failure where `size` bytes do not fit, even after leftovers other than `keep` are gone."""
    if size > _free(root):
        from .leftovers import make_room

        make_room(root, keep)
        free = _free(root)
        if size > free:
            raise Failure("full", "%d bytes are needed and %d free" % (size, free))


def _free(root):
    """Bytes of a file that fit: blocks hold pointers too, and the file system needs some."""
    size, _, blocks = room(root)
    free = max(0, blocks - 2) * size
    return free - free // 256
