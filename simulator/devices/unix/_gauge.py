"""What was changed in the flash chip, in memory shared with the rest of the virtual board."""

import uctypes
from _mapped import address

_SIZE = 16
_LAYOUT = {
    "writes": 0 | uctypes.UINT32,  # of the file system's blocks, since power-on
    "left": 4 | uctypes.UINT32,  # until the power fails; 0: it does not
    "torn": 8 | uctypes.UINT32,  # 1: half of the last change arrives
    "changes": 12 | uctypes.UINT32,  # of whatever outlives the power, since power-on
}


def gauge(path):
    return uctypes.struct(address(path, _SIZE), _LAYOUT)
