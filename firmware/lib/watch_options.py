"""What the configuration says of watchdog, trials and safe mode; loaded at the start only."""

import __main__
import watchdog
from micropython import const

_DAY = const(86400)
_NEVER = const(0x3FFFFFFF)
_WDT = const(300)  # seconds, as in boot.py
_SHORTEST = const(10)  # seconds: a board has to start before the watchdog bites
_MOST = const(2592000)  # of any number: seconds and minutes, and what is more is a mistake


def options(mode, config, settings):
    """What watchdog.py has to know, in seconds; boot.py is told what it cannot ask for."""
    update = settings(config, "update")
    safe = settings(config, "safe")
    dog = settings(config, "watchdog")
    state = getattr(__main__, "state", {})
    wdt = _number(dog, "timeout", _WDT)
    pin = safe.get("pin")
    if pin is not None and type(pin) not in (int, str):
        watchdog.log.error("safe.pin: expected the pin's number or name, not %r", pin)
        pin = None
    cfg = {"wdt": wdt and min(_DAY, max(int(wdt), _SHORTEST)), "pin": pin}
    cfg["tries"] = _number(safe, "tries", 3)
    cfg["boots"] = _number(update, "boots", 3)
    if mode == "normal" and hasattr(__main__, "undone") and state.get("cfg") != cfg:
        _configure(cfg)
    minutes = int(60 * _number(safe, "minutes", 10)) or 600
    lost = int(_number(dog, "lost", 3600))
    if mode == "safe":
        lost = min(lost or minutes, minutes)  # the next boot tries the other configuration
    times = 0 if state.get("once") else min(state.get("lost", 0), 12)
    wdt = cfg["wdt"] or _WDT
    interval = min(5 if mode == "trial" else 30, wdt / 4)
    within = _number(safe, "within", 600)
    unsettled = state.get("bad") or state.get("rounds")
    return {
        "interval": interval,
        "deaf": wdt / 2,
        "confirm": _number(update, "confirm", 60),
        "late": int(60 * _number(update, "minutes", 10)),
        "settle": within if unsettled else _NEVER,
        "home": min(_DAY, minutes << min(state.get("rounds", 0), 12)),
        # Never before it was clear whether the board can be reached.
        "lost": lost and max(4 * interval, min(_DAY, lost << times)),
    }


def _number(config, key, default):
    found = config.get(key, default)
    return min(found, _MOST) if type(found) in (int, float) and found >= 0 else default


def _configure(cfg):
    """What the next boots do; the watchdog of this one keeps to it from now on."""
    watchdog.occasional("boot_state").change(cfg=cfg)
    old, new = __main__.state.get("cfg", {}).get("wdt", _WDT), cfg["wdt"]
    __main__.state["cfg"] = cfg
    if new and new != old:
        import machine

        try:
            __main__.dog = machine.WDT(timeout=new * 1000)
        except ValueError:
            pass  # a chip whose watchdog waits for 8 s at most: from the next boot on
