"""A folder of the WebAssembly build's own file system as a file system."""

import vfs

# That build's files fail with WASI's error numbers; a board's errors have those of Linux.
_NUMBERS = {2: 13, 8: 9, 20: 17, 28: 22, 29: 5, 31: 21, 44: 2, 51: 28, 54: 20, 55: 39}


class Folder:
    """What VfsPosix(folder) should be: its `rename` mixes its two paths up."""

    def __init__(self, folder, blocks):
        self._fs = vfs.VfsPosix()
        self._folder = folder
        self._blocks = blocks
        self._cwd = "/"

    def _at(self, path):
        parts = []
        for part in (path if path[:1] == "/" else self._cwd + "/" + path).split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts)

    def _do(self, function, path, *more):
        try:
            return function(self._folder + self._at(path), *more)
        except OSError as error:
            raise OSError(_NUMBERS.get(error.errno, error.errno))

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def chdir(self, path):
        if path != "/" and not self.stat(path)[0] & 0x4000:
            raise OSError(20)
        self._cwd = self._at(path)

    def getcwd(self):
        return self._cwd

    def open(self, path, mode):
        return self._do(self._fs.open, path, mode)

    def stat(self, path):
        mode, *rest = self._do(self._fs.stat, path)
        # As littlefs has it: kind, size and time, no permissions or owners.
        return (mode & 0xC000, 0, 0, 0, 0, 0, rest[5] if mode & 0x8000 else 0) + tuple(rest[6:])

    def ilistdir(self, path):
        for name, kind, *_ in self._do(self._fs.ilistdir, path):
            if kind == 0x4000:
                yield (name, kind, 0, 0)
            else:
                yield (name, kind, 0, self.stat(path + "/" + name if path else name)[6])

    def mkdir(self, path):
        self._do(self._fs.mkdir, path)

    def rmdir(self, path):
        self._do(self._fs.rmdir, path)

    def remove(self, path):
        self._do(self._fs.remove, path)

    def rename(self, old, new):
        self._do(self._fs.rename, old, self._folder + self._at(new))

    def statvfs(self, path):
        """A flash of so many blocks, as far as files do not take them."""
        free = max(0, self._blocks - self._used("/"))
        return (4096, 4096, self._blocks, free, free, 0, 0, 0, 0, 255)

    def _used(self, path):
        used = 2  # littlefs has two blocks for each folder
        for name, kind, _, size in self.ilistdir(path):
            used += self._used(path + "/" + name) if kind == 0x4000 else (size + 4095) // 4096
        return used
