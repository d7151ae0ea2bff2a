# Runs the firmware's main.py on the bare unix port; the program's argument is the folder that is the
# board's file system.
import os
import sys

import micropython
import vfs


class Micropython:
    const = staticmethod(micropython.const)

    @staticmethod
    def alloc_emergency_exception_buf(size):
        """Boards have it; the unix port does not, nor the interrupts that it is for."""


sys.modules["micropython"] = Micropython
vfs.umount("/")
vfs.mount(vfs.VfsPosix(sys.argv[1]), "/")
os.chdir("/")
sys.path.insert(0, "")
execfile("/main.py")  # noqa: F821
