"""Frames of raw deflate, each by itself."""

import io

import deflate
from ..reply import Failure, borrowed
from ..v2 import WINDOW_BITS


def inflate(view, store, most):
    """Stops where the store has more than `most` bytes: a few may inflate to megabytes."""
    stream = deflate.DeflateIO(io.BytesIO(view), deflate.RAW, WINDOW_BITS)
    piece = borrowed()
    while store.size <= most:
        try:
            n = stream.readinto(piece)
        except (OSError, EOFError):
            raise Failure("corrupt", "what was sent does not inflate")
        if not n:
            return
        store.write(piece[:n])
