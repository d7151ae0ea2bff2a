"""`machine` of the ESP32 and the RP2, as far as the firmware and a few LEDs need it."""

import _rtc
from _board import ask, halt, tell

PWRON_RESET = 1
WDT_RESET = 3
_RP2 = ask("chip") == "rp2"
if not _RP2:
    HARD_RESET = 2
    DEEPSLEEP_RESET = 4
    SOFT_RESET = 5


def __getattr__(name):
    # Loaded when asked for: on a chip the models take no room in the Python heap.
    if name in ("Pin", "ADC"):
        import chip_pins

        return getattr(chip_pins, name)
    if name == "Timer":
        from chip_timer import Timer

        return Timer
    raise AttributeError(name)


def reset():
    tell("reset hard")
    halt()


def soft_reset():
    # As on the chip: main.py ends, and with it the run. Who catches it goes on.
    raise SystemExit


def deepsleep(time_ms=0):
    """Ends in a reset after `time_ms`; without it only in a power cut: no pin wakes it."""
    tell("deepsleep %d" % time_ms)
    halt()


def reset_cause():
    """What an RP2 was reset by it knows only of the watchdog, which `reset()` uses as well."""
    cause = int(ask("cause"))
    return cause if cause == PWRON_RESET or not _RP2 else WDT_RESET


def unique_id():
    return bytes.fromhex(ask("id"))


def freq(hz=None):
    return 160000000 if hz is None else None


def idle():
    pass


class WDT:
    """It bites from outside of the interpreter, `timeout` milliseconds after the last `feed`."""

    def __init__(self, id=0, timeout=5000):
        if id != 0 or timeout <= 0 or (_RP2 and timeout > 8388):
            raise ValueError
        tell("wdt %d" % timeout)

    def feed(self):
        tell("feed")


class RTC:
    def datetime(self, when=None):
        """(year, month, day, weekday, hours, minutes, seconds, microseconds), UTC."""
        import time

        if when is None:
            year, month, day, hour, minute, second, weekday, _ = time.gmtime()
            us = time.time_ns() // 1000 % 1000000
            return (year, month, day, weekday, hour, minute, second, us)
        year, month, day, _, hour, minute, second, us = when
        seconds = time.mktime((year, month, day, hour, minute, second, 0, 0))
        epoch = 0 if time.gmtime(0)[0] == 1970 else 946684800
        time._set((seconds + epoch) * 1000 + us // 1000)
        return None

    def init(self, when):
        self.datetime(when)


def _memory(rtc, data=None):
    """2048 bytes that outlive every reset, but not a power cut."""
    if data is None:
        return _rtc.read()
    data = memoryview(data)
    if len(data) > 2048:
        raise ValueError("buffer too long")
    _rtc.write(data)
    return None


if not _RP2:
    RTC.memory = _memory
