"""What is known over a reset of the image that is being written."""

import json
import os

PATH = "/.mqb-ota.0"  # a leftover like those of files: it survives three boots
_NEW = "/.mqb-ota.new"


def load():
    """{"sha", "size", "to", "copies", "at"}: of the image; the partition's label, a hash of what
    is copied, and how much of what is sent is there. Empty where nothing is known."""
    from mqrepl.files.room import found

    try:
        if found(PATH[:-2]):
            with open(PATH) as file:
                return json.load(file)
    except (OSError, ValueError):
        pass
    return {}


def save(known):
    """False where the file system has no room for it: then there is none to resume from."""
    from mqrepl.files.paths import replace

    try:
        with open(_NEW, "w") as file:
            json.dump(known, file)
        replace(_NEW, PATH)
    except OSError:
        discard()
        return False
    return True


def discard():
    for path in (_NEW, PATH):
        try:
            os.remove(path)
        except OSError:
            pass
