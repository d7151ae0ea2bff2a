"""What this board is: each name of board_config.py, and its LEDs.

`kind` chooses the pins of `act_led` (a command runs) and `fail_led` (no connection). Both can
always be called, with True or False: where there is no LED, nothing happens.
"""

import board_config

kind = "unknown"
location = "unknown"

# Pins of act_led and fail_led; a negative number is a LED that lights when its pin is low: -1 is
# pin 0. One LED alone shows failures, which is what somebody in front of a board wants to know.
_LEDS = {
    "nodemcu": (None, 2),
    "devkit": (None, 2),
    "lolin-d32": (None, -6),
    "huzzah32": (None, 13),
    "esp32thing": (None, 5),
    "ezsbc": (-20, -17),
    "esp32-cam": (None, -34),
    "pico": (None, "LED"),
    "pico-w": (None, "LED"),
}


class Led:
    def __init__(self, pin):
        self._pin = None
        if pin is not None:
            from machine import Pin

            self._inverted = not isinstance(pin, str) and pin < 0
            self._pin = Pin(-pin - 1 if self._inverted else pin, Pin.OUT)
            self(False)

    def __call__(self, on):
        if self._pin:
            self._pin.value(int(bool(on) != self._inverted))

    def on(self):
        self(True)

    def off(self):
        self(False)


for _name in dir(board_config):
    if not _name.startswith("__"):
        globals()[_name] = getattr(board_config, _name)

_pins = _LEDS.get(kind, (None, None))
for _name, _pin in (("act_led", _pins[0]), ("fail_led", _pins[1])):
    # A configuration may bring its own: a pin's number, or something that can be called.
    _own = globals().get(_name, _pin)
    globals()[_name] = _own if callable(_own) else Led(_own)
