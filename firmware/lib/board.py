"""What this board is: each name of board_config.py, and its LEDs.

`kind` chooses the pins of `act_led` (a command runs) and `fail_led` (no connection). Both can
always be called, with True or False: where there is no LED, nothing happens.
"""

import sys

import board_config

kind = "unknown"
location = "unknown"

for _name in dir(board_config):
    if not _name.startswith("__"):
        globals()[_name] = getattr(board_config, _name)

import board_leds  # noqa: E402 - it has to know the kind

act_led, fail_led = board_leds.of(globals())
del sys.modules["board_leds"], board_leds
