"""Hidden files of transfers that did not end: `.mqb-<key>.<boots since they were written to>`."""

import os

from micropython import const

from ..reply import Failure
from .paths import HIDDEN
from .transfer import active

_BOOTS = const(3)  # that they survive


def found(stem):
    """Bytes that are there of an earlier try, under the name `stem` + ".0" from now on."""
    for boots in range(_BOOTS + 1):
        name = "%s.%d" % (stem, boots)
        try:
            size = os.stat(name)[6]
        except OSError:
            continue
        if boots:
            os.rename(name, stem + ".0")
        return size
    return 0


def age():
    """Called at boot, when there are any: the oldest go."""
    for name in _names("/"):
        stem, _, boots = name.rpartition(".")
        try:
            if boots.isdigit() and int(boots) < _BOOTS:
                os.rename(name, "%s.%d" % (stem, int(boots) + 1))
            else:
                os.remove(name)
        except OSError:
            pass  # a file system that takes no changes


def make_room(root, size, keep):
    """Sees that `size` bytes fit; else removes leftovers but `keep`, and Failure at last."""
    free = _free(root)
    if size > free:
        used = [transfer.hidden for transfer in active()]
        for name in _names(root):
            if name != keep and name not in used:
                os.remove(name)
        free = _free(root)
        if size > free:
            raise Failure("full", "%d bytes are needed and %d free" % (size, max(0, free)))


def _names(root):
    return [root + entry[0] for entry in os.ilistdir(root) if entry[0].startswith(HIDDEN)]


def _free(root):
    """Bytes of a file that fit: blocks hold pointers too, and the file system needs some."""
    stat = os.statvfs(root)
    free = (stat[3] - 2) * stat[0]
    return free - free // 256
