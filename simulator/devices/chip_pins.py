"""`machine.Pin` and `machine.ADC`, enough for LEDs and a battery's voltage."""

from _board import tell


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
