# Runs the firmware's main.py on the bare unix port; the program's argument is the folder that is
# the board's file system.
import os
import sys

import micropython
import vfs


class Micropython:
    @staticmethod
    def alloc_emergency_exception_buf(size):
        """Boards have it; the unix port does not, nor the interrupts that it is for."""


for name in dir(micropython):
    if not name.startswith("__"):
        setattr(Micropython, name, staticmethod(getattr(micropython, name)))


class Folder:
    """A folder of this machine as a file system: VfsPosix has room for one path below its root,
    and so it cannot rename."""

    def __init__(self, path):
        self._path = path
        self._whole = vfs.VfsPosix()
        folder = vfs.VfsPosix(path)
        for name in ("mount", "umount", "open", "chdir", "getcwd", "ilistdir", "mkdir", "remove"):
            setattr(self, name, getattr(folder, name))
        for name in ("rmdir", "stat", "statvfs"):
            setattr(self, name, getattr(folder, name))

    def rename(self, old, new):
        self._whole.rename(self._path + old, self._path + new)


sys.modules["micropython"] = Micropython
vfs.umount("/")
vfs.mount(Folder(sys.argv[1]), "/")
os.chdir("/")
sys.path.insert(0, "")
execfile("/main.py")  # noqa: F821
