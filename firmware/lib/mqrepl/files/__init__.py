"""The file commands of version 2, see "Files" of docs/protocol.md; loaded at their first use."""

import sys

from .. import memory
from ..reply import Failure

_MODULES = {
    "put": "put",
    "get": "get",
    "put1": "v1",
    "get1": "v1",
    "list": "listing",
    "hash": "listing",
    "remove": "remove",
}


def command(reply, head, body):
    """What mqrepl.commands has for each of them. None, or a coroutine, as any command."""
    name = head.get("do")
    if not name:
        raise Failure("io", "this board has this command in version 2 of the wire only")
    module = "mqrepl.files." + _MODULES.get(name, "small")
    try:
        __import__(module)
        work = getattr(sys.modules[module], name)(reply, head, body)
    except (OSError, MemoryError) as e:
        raise explained(e, head["path"])
    return _guarded(work, head["path"]) if work else None


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
