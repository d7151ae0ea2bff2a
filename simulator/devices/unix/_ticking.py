"""The interrupt behind `machine.Timer`: a signal of the host, which reaches a stuck program."""

import ffi
import micropython
import uctypes

_ITIMER_REAL = 0
_SIGALRM = 14
_TICK_US = 5000
_libc = ffi.open(None)
_run = None


def _alarm(signal):
    """In the middle of anything, where no memory may be had."""
    try:
        micropython.schedule(_run, 0)
    except RuntimeError:
        pass  # the queue is full: at the next tick


_handler = ffi.callback("v", _alarm, "i", lock=True)


def start(run):
    global _run
    _run = run
    _libc.func("p", "signal", "ip")(_SIGALRM, _handler.cfun())
    _every(_TICK_US)


def stop():
    _every(0)


def _every(us):
    when = bytearray(32)
    fields = {"interval": 8 | uctypes.INT64, "first": 24 | uctypes.INT64}
    timer = uctypes.struct(uctypes.addressof(when), fields)
    timer.interval = timer.first = us
    _libc.func("i", "setitimer", "ipp")(_ITIMER_REAL, when, None)
