"""What the birth message says of this board's side of the wire, found once at the start."""

import sys

from mqrepl import v2


def facts(found, mqtt, boot):
    """Adds to what the module crash has `found` out about the board and its last boot."""
    found["wire"] = 2
    found["boot"] = boot
    found["chunk"] = v2.room(mqtt)
    found["max"] = v2.LARGEST
    found["mode"] = "normal"
    try:
        import deflate  # noqa: F401

        found["inflate"] = v2.WINDOW_BITS
    except ImportError:
        pass
    bytecode = getattr(sys.implementation, "_mpy", 0) & 255
    if bytecode:
        found["bytecode"] = bytecode
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
