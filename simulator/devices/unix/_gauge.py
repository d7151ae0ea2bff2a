"""What the flash chip has written, in memory shared with the rest of the virtual board."""

import uctypes
from _mapped import address

_SIZE = 12
_LAYOUT = {
    "writes": 0 | uctypes.UINT32,  # since power-on
    "left": 4 | uctypes.UINT32,  # until the power fails; 0: it does not
    "torn": 8 | uctypes.UINT32,  # 1: half of the last write arrives
}


def gauge(path):
    return uctypes.struct(address(path, _SIZE), _LAYOUT)
