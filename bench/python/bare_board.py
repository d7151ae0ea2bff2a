# Runs main.py of the firmware, the program's argument, on the bare unix port.
import sys

import micropython


class Micropython:
    const = staticmethod(micropython.const)

    @staticmethod
    def alloc_emergency_exception_buf(size):
        """Boards have it; the unix port does not, nor the interrupts that it is for."""


sys.modules["micropython"] = Micropython
execfile(sys.argv[1])  # noqa: F821
