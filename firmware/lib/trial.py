"""What becomes of what is on trial, and of the count of bad boots; loaded when it is time.

Each function that watchdog.py calls is named after what has come about.
"""

import json
import logging
import sys

import __main__
import crash
import watchdog
from boot_id import number
from crash import alive
from micropython import const

_DAY = const(86400)
_WDT = const(300)  # seconds, as in boot.py
_SHORTEST = const(10)  # seconds: a board has to start before the watchdog bites
_WHY = const(80)  # characters

log = logging.getLogger("trial")


def boot():
    """To load and save the state; it does not stay in memory."""
    if not hasattr(__main__, "undone"):
        raise OSError("the boot.py of this board is another one")
    return watchdog.occasional("boot_state")


def options(mode, config, settings):
    """What watchdog.py has to know, in seconds; boot.py is told what it cannot ask for."""
    update = settings(config, "update")
    safe = settings(config, "safe")
    dog = settings(config, "watchdog")
    state = getattr(__main__, "state", {})
    wdt = _number(dog, "timeout", _WDT)
    cfg = {"wdt": wdt and max(int(wdt), _SHORTEST), "pin": safe.get("pin")}
    cfg["tries"] = _number(safe, "tries", 3)
    cfg["boots"] = _number(update, "boots", 3)
    if mode == "normal" and hasattr(__main__, "undone") and state.get("cfg") != cfg:
        _configure(cfg)
    minutes = int(60 * _number(safe, "minutes", 10))
    lost = int(_number(dog, "lost", 3600))
    if mode == "safe" and lost:
        lost = min(lost, minutes)  # the next boot tries the other configuration
    wdt = cfg["wdt"] or _WDT
    interval = min(5 if mode == "trial" else 30, wdt / 4)
    within = _number(safe, "within", 600)
    unsettled = state.get("bad") or state.get("rounds")
    return {
        "interval": interval,
        "deaf": wdt / 2,
        "confirm": _number(update, "confirm", 60),
        "late": int(60 * _number(update, "minutes", 10)),
        "settle": within if unsettled else _DAY * 36500,
        "home": min(_DAY, minutes << min(state.get("rounds", 0), 12)),
        # Never before it was clear whether the board can be reached.
        "lost": lost and max(4 * interval, min(_DAY, lost << min(state.get("lost", 0), 12))),
    }


def _number(config, key, default):
    found = config.get(key, default)
    return found if type(found) in (int, float) and found >= 0 else default


def _configure(cfg):
    """What the next boots do; the watchdog of this one keeps to it from now on."""
    _change(cfg=cfg)
    old, new = __main__.state.get("cfg", {}).get("wdt", _WDT), cfg["wdt"]
    __main__.state["cfg"] = cfg
    if new and new != old:
        import machine

        try:
            __main__.dog = machine.WDT(timeout=new * 1000)
        except ValueError:
            pass  # a chip whose watchdog waits for 8 s at most: from the next boot on


def _change(**changes):
    """Saves the state with these changes; None removes a key."""
    try:
        module = boot()
        state = module.load()
        before = json.dumps(state)
        for key, value in changes.items():
            if value is None:
                state.pop(key, None)
            else:
                state[key] = value
        if json.dumps(state) != before:
            module.save(state)
    except OSError as e:
        log.error("the state of the boot is not saved: %r", e)


def add_report():
    """An update was undone because the boot before ended badly: which report tells of that."""
    last = __main__.state.get("last", {})
    before = crash.facts.get("last", {}).get("boot")
    if before is None or last.get("crash"):
        return
    found = [ident for ident in crash.unseen if ident.startswith("%x." % before)]
    if found:
        last["crash"] = found[0]
        _change(last=last)


async def prove():
    """The board was reached for as long as it has to be."""
    why = await _unhealthy()
    if why:
        if why is True:
            return  # not yet
        if watchdog.mode == "trial":
            undo(why)
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
                said = await said
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
    if watchdog.mode != "trial" and hasattr(__main__, "undone") and boot().load().get("trial"):
        return  # it waits for the next boot: the chip would take the one that never ran as proven
    try:
        from esp32 import Partition

        Partition.mark_app_valid_cancel_rollback()
    except (ImportError, OSError):  # nothing that could be rolled back
        pass
    if not hasattr(__main__, "undone"):
        return  # a boot.py that knows nothing of this
    module = boot()
    state = module.load()
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
        module.save(state)
        __main__.state.clear()
        __main__.state.update(state)
    if watchdog.mode == "trial":
        watchdog.mode = __main__.mode = "normal"
        log.info("%s %s is confirmed", trial["what"], trial.get("version"))
    await copy(trial is not None)
    if trial:
        await tell()


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


def undo(why, report=None):
    """The board restarts with what it had before."""
    module = boot()
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
    """Nothing was reached for long: a restart may help, and the next one comes later."""
    _change(lost=boot().load().get("lost", 0) + 1)
    crash.reset("nothing was reached for %d s" % watchdog.options["lost"])


async def settle():
    """It runs for so long that what was bad before is over."""
    watchdog.options["settle"] = _DAY * 36500
    _change(bad=None, how=None, rounds=None)


async def home():
    """Safe mode was reached for long enough: the normal one gets another try."""
    state = boot().load()
    tries = state.get("cfg", {}).get("tries", 3)
    bad = min(state.get("bad", 0), max(0, tries - 1))
    _change(safe=None, bad=bad or None, rounds=state.get("rounds", 0) + 1)
    crash.reset("out of safe mode, to try again")
