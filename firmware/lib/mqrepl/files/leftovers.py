"""Hidden files of transfers that did not end: `.mqb-<key>.<boots since they were written to>`."""

import os

from .paths import BOOTS, HIDDEN
from .transfer import active


def age():
    """Called at boot, when there are any: the oldest go."""
    for name in _names("/"):
        stem, _, boots = name.rpartition(".")
        try:
            if boots.isdigit() and int(boots) < BOOTS:
                os.rename(name, "%s.%d" % (stem, int(boots) + 1))
            else:
                os.remove(name)
        except OSError:
            pass  # a file system that takes no changes


def make_room(root, keep):
    """Removes all but `keep` and what is being written."""
    used = [transfer.hidden for transfer in active()]
    for name in _names(root):
        if name != keep and name not in used:
            try:
                os.remove(name)
            except OSError:
                pass  # a folder that somebody has given such a name


def _names(root):
    return [root + entry[0] for entry in os.ilistdir(root) if entry[0].startswith(HIDDEN)]
