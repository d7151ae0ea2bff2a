"""Notes that files of a release are not its own any more: /release/<slot>/modified."""

import asyncio
import logging
import os
import sys

from .paths import kind

log = logging.getLogger("mqrepl")


def mark(path):
    """Called before a file, or a folder with what is in it, is changed by another command."""
    marked = False
    try:
        for slot in os.listdir("/release"):
            base = "/release/" + slot
            if not kind(base + "/modified") and _names(base + "/now", path):
                open(base + "/modified", "w").close()
                marked = True
    except OSError as e:
        log.warning("not marked as modified: %r", e)
    if marked:
        tell()


def tell():
    """Publishes the birth message again: it says which releases are modified."""
    present = getattr(sys.modules.get("presence"), "present", None)
    if present:
        present.renew()
        asyncio.create_task(present.announce())


def _names(manifest, path):
    """Whether a manifest has this file, or files below this folder."""
    if not kind(manifest):
        return False
    below = path + "/"
    behind = path + "0"  # which comes after "/": the files are in order
    with open(manifest) as file:
        file.readline()
        for line in file:
            name = line.rstrip("\n").split(" ", 2)[-1]
            if name == path or name.startswith(below):
                return True
            if name > behind:
                break
    return False
