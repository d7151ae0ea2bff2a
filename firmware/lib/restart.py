"""The command `reset`, the setting `mode`, and what they bring about; loaded for the occasion."""

import asyncio

import crash
import watchdog
from mqrepl.reply import Failure

_SOON = 500  # ms, for a reply to go
_HOW = ("normal", "safe", "soft", "hard")


def command(reply, head):
    """The command `reset`."""
    how = head.get("how")
    if how not in _HOW:
        raise Failure("bad", "how is none of " + ", ".join(_HOW))
    why = head.get("why")
    restart(how, why if isinstance(why, str) and why else "asked for by the command reset")
    if hasattr(reply, "result"):
        reply.result({})


def restart(how, why):
    """`how` is one of _HOW. OSError where the flash does not take what has to be noted."""
    if how == "hard":
        crash.reset(why)
    boot = watchdog.occasional("boot_state")
    state = boot.load()
    before = dict(state)
    if how == "safe":
        state["safe"] = why[:80]
    elif how == "normal":
        state.pop("safe", None)
        # An application may ask for it at each of its starts, before anything is reached.
        if watchdog.mode == "safe" or watchdog.mqtt.client and watchdog.mqtt.client.connects:
            for key in ("bad", "how", "rounds"):
                state.pop(key, None)
    if state != before:
        boot.save(state)
    asyncio.create_task(_restart(how, why))


async def _restart(how, why):
    await asyncio.sleep_ms(_SOON)
    if how == "soft":
        crash.note(why)
        raise SystemExit
    crash.reset(why)


def setting(*to):
    """The setting `mode`: {"mode": "safe"} holds the board in safe mode until it is cleared."""
    if to:
        wanted = {"mode": "normal"} if to[0] is None else to[0]
        mode = wanted.get("mode") if isinstance(wanted, dict) else None
        if mode not in ("normal", "safe"):
            raise ValueError('expected {"mode": "safe"} or {"mode": "normal"}')
        was, watchdog.held = watchdog.held, mode == "safe"
        if mode == "safe" and watchdog.mode == "normal":  # a trial comes to its end first
            restart("safe", "the setting mode says so")
        elif mode == "normal" and watchdog.mode == "safe" and (was or to[0]):
            restart("normal", "the setting mode says so")
    return {"mode": watchdog.mode}
