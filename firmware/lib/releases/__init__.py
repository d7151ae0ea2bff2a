"""The command `release`, see "Updates" of docs/protocol.md; loaded for the occasion, as all here.

Not named `release`: the folder /release would be imported in its place.
"""

import sys

from mqrepl import memory
from mqrepl.files import explained
from mqrepl.reply import Failure
from mqrepl.running import BusyError

_MODULES = {
    "list": "listing",
    "stage": "stage",
    "fetch": "fetch",
    "try": "attempt",
    "confirm": "proof",
    "undo": "undo",
    "drop": "undo",
}

_steps = []  # that run


def command(reply, head, body):
    """What mqrepl.commands has."""
    step = head.get("step")
    if "do" not in head:
        raise Failure("bad", "this board has this command in version 2 of the wire only")
    if step not in _MODULES:
        forget()
        raise Failure("bad", "step is none of " + ", ".join(sorted(_MODULES)))
    if step != "list" and [other for other in _steps if other != "list"]:
        raise BusyError("another step of a release runs, try again")
    return _carry_out(step, reply, head)


async def _carry_out(step, reply, head):
    _steps.append(step)
    try:
        await memory.load("releases." + _MODULES[step]).run(step, reply, head)
    except (OSError, MemoryError) as e:
        raise explained(e, "the release")
    except (KeyError, ValueError, TypeError) as e:
        raise Failure("bad", "a key of release is missing or makes no sense: %r" % e)
    finally:
        _steps.remove(step)
        forget()


def forget():
    """Drops what is loaded of this package, unless a step runs."""
    if not _steps:
        for name in [name for name in sys.modules if name.split(".")[0] == "releases"]:
            del sys.modules[name]
