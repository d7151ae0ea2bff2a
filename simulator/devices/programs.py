"""What a chip runs once it is started."""

import sys

import chip_micropython
from _board import halt, tell


def run_all(names):
    """boot.py, then main.py as on the ESP32: none after a boot.py that failed."""
    for name in ("sys", "programs", "_power_on"):
        names.pop(name, None)
    sys.modules["micropython"] = chip_micropython
    tell("ready")
    for path in ("/boot.py", "/main.py"):
        try:
            open(path).close()
        except OSError:
            continue
        try:
            execfile(path, names)  # noqa: F821
        except SystemExit:
            tell("reset soft")
            halt()
        except BaseException as error:
            sys.print_exception(error)
            break
    print(">>> ")  # a board would wait at its prompt now
    halt()
