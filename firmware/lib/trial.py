"""What was tried is proved: the board was reached for as long as it has to be. Loaded then."""

import asyncio
import sys

import __main__
import watchdog
from micropython import const
from watchdog import log

_CHECK = const(60)  # seconds that an application's own check may take


async def prove():
    """The board was reached for as long as it has to be."""
    why = await _unhealthy()
    if why:
        if why is True:
            return  # not yet
        if watchdog.mode == "trial":
            watchdog.occasional("setbacks").undo(why)
            return
    await confirm()


async def _unhealthy():
    """What a module has against it, in words; True: it does not know yet, False: nothing."""
    waiting = False
    for name in watchdog.names:
        check = getattr(sys.modules.get(name), "healthy", None)
        if not check:
            continue
        try:
            said = check()
            if hasattr(said, "send"):
                said = await asyncio.wait_for(said, _CHECK)
        except Exception as e:
            return "the check of %s failed: %r" % (name, e)
        if said is None:
            waiting = True
        elif not said:
            return "%s says that it is not healthy" % name
    return waiting


async def confirm():
    """What runs now is good: it is what the board goes back to from now on."""
    watchdog.proven = True
    state = {}
    if hasattr(__main__, "undone"):  # else another boot.py, which knows nothing of this
        state = watchdog.occasional("boot_state").load()
    if watchdog.mode != "trial" and "trial" in state:
        return  # it waits for the next boot: the chip would take the one that never ran as proven
    try:
        from esp32 import Partition

        Partition.mark_app_valid_cancel_rollback()
    except (ImportError, OSError):  # nothing that could be rolled back
        pass
    if not hasattr(__main__, "undone"):
        return
    trial = state.pop("trial", None)
    if trial:
        last = {"state": "confirmed"}
        for key in ("id", "what", "version"):
            if trial.get(key) is not None:
                last[key] = trial[key]
        state["last"] = last
    for key in ("bad", "how", "lost"):
        state.pop(key, None)
    if state != __main__.state:
        watchdog.occasional("boot_state").save(state)
        __main__.state.clear()
        __main__.state.update(state)
    if watchdog.mode == "trial":
        watchdog.mode = __main__.mode = "normal"
        log.info("%s %s is confirmed", trial["what"], trial.get("version"))
    await copy(trial is not None)
    if trial:
        await tell()
        if watchdog.held:
            watchdog.occasional("restart").setting({"mode": "safe"})


async def copy(renew):
    """Makes the safe copy where there is none, or with `renew` brings it up to date."""
    try:
        import releases
        from releases import safe_copy
    except ImportError:
        return
    try:
        await safe_copy.make(renew)
    finally:
        releases.forget()


async def tell():
    """Publishes the birth message again."""
    present = getattr(sys.modules.get("presence"), "present", None)
    if present:
        present.renew()
        await present.announce()
