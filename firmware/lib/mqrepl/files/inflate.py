"""Frames of raw deflate, each by itself."""

import io

import deflate
from micropython import const

from ..v2 import WINDOW_BITS

_PIECE = const(512)  # bytes

_view = memoryview(bytearray(_PIECE))


def inflate(view, store):
    stream = deflate.DeflateIO(io.BytesIO(view), deflate.RAW, WINDOW_BITS)
    while True:
        n = stream.readinto(_view)
        if not n:
            return
        store.write(_view[:n])
