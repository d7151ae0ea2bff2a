"""`gc`: a collection can be had only at a call out of the interpreter, so collect() is one."""

from _host import collect as _collect
from gc import *  # noqa: F403
from gc import collect as _ask


def collect():
    _ask()  # else the build finds that nobody needs one
    _collect()
    return 0
