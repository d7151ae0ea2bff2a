"""What the birth message says of this board's side of the wire, found once at the start."""

import json
import os
import sys

import __main__
import board
from mqrepl import v2

_SLOTS = ("framework", "app", "config")


def facts(found, mqtt, boot):
    """Adds to what the module crash has `found` out about the board and its last boot."""
    found["wire"] = 2
    found["boot"] = boot
    found["chunk"] = v2.room(mqtt)
    found["max"] = v2.LARGEST
    renew(found)
    try:
        import deflate  # noqa: F401

        found["inflate"] = v2.WINDOW_BITS
    except ImportError:
        pass
    bytecode = getattr(sys.implementation, "_mpy", 0) & 255
    if bytecode:
        found["bytecode"] = bytecode
    tags = getattr(board, "tags", None)
    if isinstance(tags, (list, tuple)):
        found["tags"] = [tag for tag in tags if isinstance(tag, str)]
    images = _images()
    if images:
        found["image"] = images
    return found


def _images():
    """What this board says of firmware images; None where it takes none."""
    try:
        from ota.slots import facts

        return facts()
    finally:
        for name in ("ota.slots", "ota"):
            sys.modules.pop(name, None)


def renew(found):
    """What changes when an update is confirmed, or files are."""
    state = getattr(__main__, "state", {})
    found["mode"] = getattr(__main__, "mode", "normal")
    why = getattr(__main__, "why", "")
    if why:
        found["why"] = why
    trial = state.get("trial")
    update = trial or state.get("last")
    if update:
        keys = ("id", "what", "version", "state", "why", "crash")
        found["update"] = {key: update[key] for key in keys if key in update}
        if trial:
            found["update"]["state"] = "trial"
    releases = {"framework": {"version": found["fw"]}}
    for slot in _SLOTS:
        manifest = _json("/release/%s/now" % slot, 0)
        if manifest:
            releases[slot] = {key: manifest[key] for key in ("name", "version") if key in manifest}
            if _exists("/release/%s/modified" % slot):
                releases[slot]["modified"] = True
    found["releases"] = releases
    pack = _json("/safemode/pack", 1)
    if pack:
        found["safe"] = pack.get("fw")


def _json(path, line):
    """The object in this line of a file, or {}."""
    try:
        with open(path, "rb") as file:
            for _ in range(line):
                file.readline()
            found = json.loads(file.readline())
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True
