"""Keeps a board with a full heap alive and answering."""

import gc
import sys

from micropython import const

_RESERVE = const(2048)  # bytes, for the report of a MemoryError
_LOW = const(6144)  # bytes free below which a board can do little more than report
_PLENTY = const(24576)  # bytes free with which the code of other commands may stay
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


def load(name):
    """Imports code that is needed now and then, after making room where there is little."""
    gc.collect()
    if gc.mem_free() < _PLENTY:
        give_way()
    try:
        __import__(name)
    except MemoryError:  # of which before 1.24 the beginning stays
        below = name.rsplit(".", 1)[0] + "."
        for module in [module for module in sys.modules if module.startswith(below)]:
            del sys.modules[module]
        sys.modules.pop(name, None)
        give_way()
        __import__(name)
    return sys.modules[name]


def restock():
    """Called before each command: puts the reserve back once there is memory again."""
    global _reserve
    if _reserve is None and gc.mem_free() > _LOW:
        try:
            _reserve = bytearray(_RESERVE)
        except MemoryError:
            pass  # in pieces still
