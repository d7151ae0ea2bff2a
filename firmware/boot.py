"""Makes the folders of board_config.syspath importable; runs before main.py at every start."""

import sys

safemode = False  # board_config.py may ask for it: from __main__ import safemode

try:
    from board_config import syspath

    sys.path[1:1] = [path for path in syspath if path not in sys.path]
except Exception:
    pass  # main.py meets the same mistake and has the means to report it
