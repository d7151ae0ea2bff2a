"""What the flash chip has written, in memory shared with the rest of the virtual board."""

import ffi
import uctypes

_SIZE = 12
_LAYOUT = {
    "writes": 0 | uctypes.UINT32,  # since power-on
    "left": 4 | uctypes.UINT32,  # until the power fails; 0: it does not
    "torn": 8 | uctypes.UINT32,  # 1: half of the last write arrives
}
_READ_WRITE = 3
_SHARED = 1


def gauge(path):
    """Mapped, not read: counting a write takes 0.1 us this way, and the write itself 1 us."""
    with open(path, "r+b") as file:
        mmap = ffi.open(None).func("p", "mmap", "PLiiil")
        address = mmap(0, _SIZE, _READ_WRITE, _SHARED, file.fileno(), 0)
    return uctypes.struct(address, _LAYOUT)
