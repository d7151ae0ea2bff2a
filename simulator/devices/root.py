"""The root of the file system: the flash, and hidden behind it what the models themselves read."""


class Root:
    def __init__(self, flash, host, devices, state):
        """`host` is a file system of the host, in which `devices` and `state` are folders."""
        self._flash = flash
        self._host = host
        self._hidden = {"/.chip": devices, "/.state": state}

    def __getattr__(self, name):
        return getattr(self._flash, name)

    def _of(self, path):
        end = path.find("/", 1)
        folder = self._hidden.get(path[:end])
        return (self._host, folder + path[end:]) if folder else (self._flash, path)

    def open(self, path, mode):
        fs, path = self._of(path)
        return fs.open(path, mode)

    def stat(self, path):
        fs, path = self._of(path)
        return fs.stat(path)

    def rename(self, old, new):
        fs, old = self._of(old)
        return fs.rename(old, self._of(new)[1])
