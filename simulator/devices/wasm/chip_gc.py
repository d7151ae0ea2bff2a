"""`gc`: a collection can be had only at a call out of the interpreter, so collect() is one."""

from _host import collect as _collect
from gc import *  # noqa: F403


def collect():
    _collect()
    return 0
