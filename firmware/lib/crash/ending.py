"""Notes why a reset comes, where it outlives it."""

import sys

import __main__

from . import alive

_MINUTE = 60


def note(reason, how=None):
    """`how`: EARLY, if it is; CRASHED, unless it is meant; or INTENDED."""
    client = sys.modules["crash"].mqtt and sys.modules["crash"].mqtt.client
    normal = getattr(__main__, "mode", "normal") == "normal"  # a trial has only so many boots
    if how == alive.CRASHED and (alive.state == alive.INTENDED or not normal):
        return
    if how == alive.EARLY and not (
        normal and alive.uptime() < _MINUTE and not (client and client.connects)
    ):
        how = alive.INTENDED
    how = how or alive.INTENDED
    if reason is None:
        alive.end(alive.RUNNING, b"")
    elif not alive.end(how, str(reason).encode()) and not save():
        from . import folder

        folder.leave(how, str(reason))


def save():
    """The note without its lines into NVS, where it outlives the power. Writes the flash."""
    try:
        from esp32 import NVS

        space = alive.space = alive.space or NVS("mqboard")
        space.set_i32("boots", alive.boots)
        alive.pack()
        space.set_blob("note", alive.note[: alive.HEAD])
        space.commit()
    except (ImportError, OSError):  # there is none, or it is full or worn out
        return False
    return True
