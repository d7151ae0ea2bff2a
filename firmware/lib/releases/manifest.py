"""Manifests, read line by line: of a large release one does not fit into the memory."""

import os

from micropython import const
from mqrepl.files.paths import checked
from mqrepl.reply import Failure

from . import slots

_LARGEST = const(65536)  # bytes
_LONGEST = const(48)  # characters of a name and of a version: the state of the boot is small
_TOP = ("release", "safemode", "crashes", "boot.py", "boot.mpy", "boot.state", "boot.state.new")


class Walk:
    """Goes through a manifest beside another one: both are in the order of their paths."""

    def __init__(self, path):
        self._files = slots.files(path)
        self._at = next(self._files, None)

    def close(self):
        self._files.close()

    def find(self, path):
        """(SHA-256, size, path) of a file; each time of one that comes behind the last."""
        while self._at and self._at[2] < path:
            self._at = next(self._files, None)
        return self._at if self._at and self._at[2] == path else None


def check(slot):
    """The head of the manifest that was put to `next`; Failure where the board cannot take it."""
    path = slots.folder(slot) + "next"
    try:
        size = os.stat(path)[6]
    except OSError:
        raise Failure("missing", "put the manifest to %s first" % path)
    head = slots.head(path)
    if size > _LARGEST or head.get("slot") != slot:
        raise Failure("bad", "%s is no manifest for the slot %s" % (path, slot))
    for key in ("name", "version"):
        text = head.get(key)
        if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
            raise Failure(
                "bad", "%s of a release is a text of 1 to %d characters" % (key, _LONGEST)
            )
    if head.get("needs"):
        from . import needs

        needs.check(head["needs"])
    return head


def entries(slot):
    """(number, SHA-256, size, path) of each file of `next`, each checked."""
    others = [Walk(slots.folder(name) + "now") for name in slots.SLOTS if name != slot]
    before = ""
    number = 0
    try:
        for sha, size, path in slots.files(slots.folder(slot) + "next"):
            if len(sha) != 64 or len(bytes.fromhex(sha)) != 32 or size < 0 or path <= before:
                raise ValueError
            _check_path(path, others)
            before = path
            yield number, sha, size, path
            number += 1
    except ValueError:
        raise Failure("bad", "the manifest makes no sense behind its file %d" % number)
    finally:
        for walk in others:
            walk.close()


def _check_path(path, others):
    checked(path)
    if path.split("/")[1].lower() in _TOP or "/.mqb-" in path or path == "/":
        raise Failure("bad", "%s cannot be part of a release" % path)
    for walk in others:
        if walk.find(path):
            raise Failure("bad", "%s is part of another slot's release" % path)
