"""Starts the framework: see startup.py. It runs as well in safe mode, then without this file."""

import gc
import sys
import time

import machine
from micropython import const

_PAUSE = const(30)  # seconds between a failure of the framework itself and the reset

# What boot.py was compiled from lies about in the memory: what stays is to lie in one piece.
gc.collect()
gc.threshold(16384)  # as startup.py has it

try:
    import startup
except Exception as e:
    sys.print_exception(e)
    print("reset in", _PAUSE, "s (Ctrl-C for the prompt)")
    import boot

    boot.died(e)
    time.sleep(_PAUSE)
    machine.reset()

startup.run(_PAUSE)
