"""The command `ota`: firmware images for the partition that does not run, see docs/protocol.md.

Its code does not stay in memory: mqrepl loads it for each command.
"""

import gc
import sys

from mqrepl.reply import Failure

_MODULES = {"hashes": "hashes", "write": "write", "try": "choose"}


def command(reply, head, body):
    """`head` of version 1 has `do` "ota1", the image's SHA-256 and whether `body` is all of it."""
    gc.collect()
    old = head["do"] == "ota1"
    name = "v1" if old else _MODULES.get(head.get("step"))
    if not name:
        raise Failure("bad", "a step of ota is hashes, write or try")
    try:
        module = __import__("ota." + name, None, None, ("*",))
        return _guarded(module.begin(reply, head, body))
    except Exception as e:
        raise _failure(e)


def unload():
    """Forgets the code; a command that runs keeps its own."""
    for name in [name for name in sys.modules if name.split(".")[0] == "ota"]:
        del sys.modules[name]


async def _guarded(work):
    try:
        await work
    except Exception as e:
        raise _failure(e)


def _failure(error):
    if isinstance(error, (OSError, MemoryError)):
        from mqrepl.files import explained

        return explained(error, "the image")
    if isinstance(error, (KeyError, ValueError, TypeError)):
        return Failure("bad", "a key of ota is missing or makes no sense: %r" % error)
    return error
