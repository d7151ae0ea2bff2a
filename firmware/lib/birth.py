"""The facts of the birth message, found once at the start."""

import sys

import machine
from mqrepl import v2

VERSION = "0.1.0"  # of the framework


def facts(mqtt, boot):
    found = {
        "wire": 2,
        "boot": boot,
        "chunk": v2.room(mqtt),
        "max": v2.LARGEST,
        "fw": VERSION,
        "mpy": ".".join([str(part) for part in sys.implementation[1][:3]]),
        "machine": getattr(sys.implementation, "_machine", sys.platform),
        "id": machine.unique_id().hex(),
        "cause": _cause(),
        "mode": "normal",
    }
    try:
        import deflate  # noqa: F401

        found["inflate"] = v2.WINDOW_BITS
    except ImportError:
        pass
    bytecode = getattr(sys.implementation, "_mpy", 0) & 255
    if bytecode:
        found["bytecode"] = bytecode
    boots = _count()
    if boots:
        found["boots"] = boots
    return found


def _cause():
    cause = machine.reset_cause()
    for name in ("PWRON", "HARD", "WDT", "DEEPSLEEP", "SOFT"):
        if getattr(machine, name + "_RESET", None) == cause:
            return name
    return "unknown"


def _count():
    """Counts this boot where there is a place for it; else None."""
    try:
        from esp32 import NVS
    except ImportError:
        return None
    try:
        store = NVS("mqboard")
        try:
            boots = store.get_i32("boots") + 1
        except OSError:
            boots = 1
        store.set_i32("boots", boots)
        store.commit()
    except OSError:  # full or worn out: no reason to be unreachable
        return None
    return boots
