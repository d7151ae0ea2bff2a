"""Notes why a reset comes, where it outlives it."""

from . import alive


def note(reason, how=alive.INTENDED):
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
