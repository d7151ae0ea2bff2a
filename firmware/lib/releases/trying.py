"""Notes what the next boot is to swap and to try, and brings that boot about."""

import asyncio

import crash
from mqrepl.reply import Failure

from . import slots


def note(ident, slot, version, go):
    """`go` is "forward" or "back"."""
    if not isinstance(ident, str) or not 0 < len(ident) <= 40:
        raise Failure("bad", "id is a text of 1 to 40 characters")
    boot = slots.boot()
    state = boot.load()
    state["trial"] = {
        "id": ident,
        "what": slot,
        "version": version,
        "step": "swap",
        "go": go,
        "boots": 0,
    }
    # What was bad or asked for before says nothing of what comes now.
    for key in ("bad", "safe", "once"):
        state.pop(key, None)
    boot.save(state)
    restart("to try %s %s" % (slot, version))


def restart(why):
    """A noted reset, when the reply has had half a second to go."""
    asyncio.create_task(_restart(why))


async def _restart(why):
    await asyncio.sleep_ms(500)
    crash.reset(why)
