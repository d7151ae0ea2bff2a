"""The LEDs of the boards we know; loaded by board for the moment of choosing them."""

import logging

log = logging.getLogger("board")

# kind: act_led, fail_led. The pin's number, "!" for a LED that lights when its pin is low. One LED
# alone shows failures: that is what somebody in front of a board wants to know.
_PINS = {
    "nodemcu": ("", "2"),
    "devkit": ("", "2"),
    "lolin-d32": ("", "!5"),
    "huzzah32": ("", "13"),
    "esp32thing": ("", "5"),
    "ezsbc": ("!19", "!16"),
    "esp32-cam": ("", "!33"),
    "pico": ("", "LED"),
    "pico-w": ("", "LED"),
}


def of(config):
    """(act_led, fail_led); a configuration may bring its own: a pin, or what can be called."""
    pins = _PINS.get(config["kind"], ("", ""))
    return _led(config.get("act_led", pins[0])), _led(config.get("fail_led", pins[1]))


def _led(pin):
    if callable(pin):
        return pin
    if pin is None or pin is False or pin == "":
        return _none
    try:
        return _on_pin(str(pin))
    except Exception as e:  # a wrong pin must not cost the modules that show something by it
        log.error("no LED on pin %r: %r", pin, e)
        return _none


def _on_pin(pin):
    from machine import Pin

    low = pin[0] == "!"
    pin = pin[1:] if low else pin
    line = Pin(int(pin) if pin.isdigit() else pin, Pin.OUT)

    def led(on):
        line.value(int(bool(on) != low))

    led(False)
    return led


def _none(on):
    pass
