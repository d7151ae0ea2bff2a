"""`micropython` as on a chip: with the call that these builds leave out."""

from micropython import *  # noqa: F403


def alloc_emergency_exception_buf(size):
    """Nothing to prepare: no interrupt handler runs here."""
