"""Keeps a board with a full heap alive and answering."""

import gc
import sys

from micropython import const

_RESERVE = const(2048)  # bytes, for the report of a MemoryError
_LOW = const(6144)  # bytes free below which a board can do little more than report
_FULL = const(10240)  # the same, with what was given way counted in

_reserve = bytearray(_RESERVE)
forget = None  # gives back what commands have left behind
shed = None  # gives up what could be repeated of replies, but the end of each


def give_way():
    """After a MemoryError: makes room for its report, and for what comes after."""
    global _reserve
    _reserve = None
    if "mqrepl.files" in sys.modules:
        sys.modules["mqrepl.files"].unload()
    shed()
    gc.collect()
    if gc.mem_free() < _FULL:
        forget()
        gc.collect()


def restock():
    """Called before each command: puts the reserve back once there is memory again."""
    global _reserve
    if _reserve is None and gc.mem_free() > _LOW:
        try:
            _reserve = bytearray(_RESERVE)
        except MemoryError:
            pass  # in pieces still
