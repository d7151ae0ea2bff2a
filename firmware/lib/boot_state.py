"""The state that boot.py decides from, for what runs later: to compile boot.py takes much memory.

The same two functions as there, with what they have to agree on. Does not stay in memory.
"""

import json

import __main__

_STATE = "/boot.state"


def load():
    """The state; empty where there is none or it is spoilt."""
    try:
        try:
            from esp32 import NVS

            text = bytearray(1024)
            text = text[: NVS("mqboard").get_blob("state", text)]
        except ImportError:
            with open(_STATE, "rb") as file:
                text = file.read()
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def save(state):
    """OSError where the flash does not take it: then what was before still holds."""
    text = json.dumps(state).encode()
    try:
        from esp32 import NVS

        space = NVS("mqboard")
        space.set_blob("state", text)
        space.commit()
    except ImportError:
        import os

        with open(_STATE + ".new", "wb") as file:
            file.write(text)
        os.rename(_STATE + ".new", _STATE)


def change(**changes):
    """Saves the state with these changes; None removes a key. What cannot be saved is logged."""
    if not hasattr(__main__, "undone"):
        return  # another boot.py, which knows nothing of this
    state = load()
    before = json.dumps(state)
    for key, value in changes.items():
        if value is None:
            state.pop(key, None)
        else:
            state[key] = value
    if json.dumps(state) != before:
        try:
            save(state)
        except OSError as e:
            print("the state of the boot is not saved:", repr(e))
