"""The file commands of version 2, see "Files" of docs/protocol.md; loaded at their first use."""

import gc
import os
import sys

from micropython import const

from .. import memory, running
from ..reply import Failure

_PLENTY = const(24576)  # bytes free with which the code of other commands may stay

_PACKAGE = "mqrepl.files."
_MODULES = {
    "put": "put",
    "get": "get",
    "put1": "v1",
    "get1": "v1",
    "list": "listing",
    "hash": "listing",
    "remove": "remove",
}
# What takes the compiler most memory is loaded first, while there is most.
_FIRST = {"put": ("pull", "store"), "get": ("push",)}


changed = False  # since the start, something that the safe copy would have


def changes(path):
    """Called before a command changes a file, or a folder with what is in it."""
    global changed
    if path.rfind("/") == 0 or path.startswith("/lib/"):
        changed = True
    try:
        os.stat("/release")
    except OSError:
        return  # no release was ever here
    from .marker import mark

    mark(path)


def command(reply, head, body):
    """What mqrepl.commands has for each of them. None, or a coroutine, as any command."""
    name = head.get("do")
    if not name:
        raise Failure("io", "this board has this command in version 2 of the wire only")
    try:
        work = _code(name)(reply, head, body)
    except (OSError, MemoryError) as e:
        raise explained(e, head["path"])
    return _guarded(work, head["path"]) if work else None


def _code(name):
    module = _PACKAGE + _MODULES.get(name, "small")
    if module not in sys.modules:
        gc.collect()
        if gc.mem_free() < _PLENTY:
            memory.give_way()
        for first in _FIRST.get(name, ()):
            __import__(_PACKAGE + first)
        __import__(module)
    return getattr(sys.modules[module], name)


def unload():
    """Forgets the code of all commands: it can be loaded again. Transfers that run keep theirs."""
    if [reply for reply in running.replies if reply.transfer]:
        return
    for module in [name for name in sys.modules if name.startswith(_PACKAGE)]:
        del sys.modules[module]
        globals().pop(module[len(_PACKAGE) :], None)


async def _guarded(work, path):
    try:
        await work
    except (OSError, MemoryError) as e:
        raise explained(e, path)


def explained(error, path):
    if isinstance(error, MemoryError):
        memory.give_way()
        return Failure("memory", "not enough memory for " + path)
    from .errors import failure

    return failure(error, path)
