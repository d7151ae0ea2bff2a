"""`machine` of the ESP32, as far as the firmware and a few LEDs need it."""

from _board import ask, halt, tell

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


def reset():
    tell("reset hard")
    halt()


def soft_reset():
    tell("reset soft")
    halt()


def reset_cause():
    return int(ask("cause"))


def unique_id():
    return bytes.fromhex(ask("id"))


def freq(hz=None):
    return 160000000 if hz is None else None


def idle():
    pass


class WDT:
    """It bites from outside of the interpreter, `timeout` milliseconds after the last `feed`."""

    def __init__(self, id=0, timeout=5000):
        if id != 0 or timeout <= 0:
            raise ValueError
        tell("wdt %d" % timeout)

    def feed(self):
        tell("feed")


class RTC:
    def memory(self, data=None):
        """2048 bytes that outlive every reset, but not a power cut."""
        if data is None:
            try:
                with open("/.state/rtc", "rb") as file:
                    return file.read()
            except OSError:
                return b""
        if len(data) > 2048:
            raise ValueError("buffer too long")
        with open("/.state/rtc", "wb") as file:
            file.write(data)
        return None

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


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2
    _levels = {}

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self._id = id
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        if self._id not in self._levels:
            self._levels[self._id] = 1 if pull == self.PULL_UP else 0
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return self._levels[self._id]
        self._levels[self._id] = 1 if level else 0
        tell("pin %d %d" % (self._id, self._levels[self._id]))
        return None

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3):
        """Accepted; nothing outside moves a pin of the virtual board."""


class ADC:
    """Every input lies at half of the supply."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=0):
        self._pin = pin

    def atten(self, value):
        pass

    def width(self, value):
        pass

    def read(self):
        return 2048

    def read_u16(self):
        return 32768

    def read_uv(self):
        return 1650000
