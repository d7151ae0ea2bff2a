"""The link to the rest of the virtual board: calls into the thread around the interpreter."""

from _host import ask, tell  # noqa: F401 - the models use them from here
from _host import sleep as _sleep


def sleep_ms(ms):
    _sleep(ms)


def sleep(seconds):
    _sleep(seconds * 1000)


def sleep_us(us):
    _sleep(us / 1000)


def halt():
    """Waits for the power to go."""
    while True:
        _sleep(1000000)
