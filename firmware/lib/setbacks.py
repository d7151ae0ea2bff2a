"""What did not go well: updates that are undone, boards that are not reached. Loaded then."""

import __main__
import crash
import watchdog
from boot_id import number
from crash import alive
from micropython import const
from watchdog import log

_WHY = const(80)  # characters
_NEVER = const(0x3FFFFFFF)


def _state():
    return watchdog.occasional("boot_state")


def add_report():
    """An update was undone because the boot before ended badly: which report tells of that."""
    last = __main__.state.get("last", {})
    before = crash.facts.get("last", {}).get("boot")
    if before is None or last.get("crash"):
        return
    found = [ident for ident in crash.unseen if ident.startswith("%x." % before)]
    if found:
        last["crash"] = found[0]
        _state().change(last=last)


def undo(why, report=None):
    """The board restarts with what it had before."""
    module = _state()
    state = module.load()
    trial = state.get("trial")
    if trial:
        trial["step"] = "undo"
        trial["why"] = why[:_WHY]
        if report:
            trial["crash"] = report
        module.save(state)
        log.error("%s %s is undone: %s", trial["what"], trial.get("version"), why)
        crash.reset("an update is undone: " + why)


async def crashed():
    ident = crash.unseen[0] if crash.unseen else "%x.%d" % (number, alive.crashes)
    undo("it crashed", ident)


async def late():
    words = "it was not confirmed within %g minutes" % (watchdog.options["late"] / 60)
    undo(words if watchdog.since is not None else words + ": not reached through the broker")


async def lost():
    """Nothing was reached for long: a restart may help, and the next one comes later.

    What was not reached once since it started, and is not what was proved, makes way for that.
    """
    words = "nothing was reached for %d s" % watchdog.options["lost"]
    module = _state()
    changes = {}
    if not __main__.state.get("once"):
        changes["lost"] = module.load().get("lost", 0) + 1
    if watchdog.mode == "normal" and not watchdog._heard:
        if await _is_unproven():
            changes["once"] = words + ", and this is not what was proved"
        elif not watchdog.topic or not watchdog.mqtt.client:
            watchdog.options["lost"] = 0  # nobody means to reach it
            return
    module.change(**changes)
    crash.reset(words, True)


async def _is_unproven():
    try:
        import releases
        from releases import safe_copy
    except ImportError:
        return False
    try:
        return await safe_copy.differs()
    finally:
        releases.forget()


async def settle():
    """It runs for so long that what was bad before is over."""
    watchdog.options["settle"] = _NEVER
    _state().change(bad=None, how=None, rounds=None)


async def home():
    """Safe mode was reached for long enough: the normal one gets another try."""
    state = _state().load()
    tries = state.get("cfg", {}).get("tries", 3)
    bad = min(state.get("bad", 0), max(0, tries - 1))
    _state().change(safe=None, bad=bad or None, rounds=state.get("rounds", 0) + 1)
    crash.reset("out of safe mode, to try again")
