"""The root of the file system: the flash, and hidden behind it what the models themselves read."""


class Root:
    def __init__(self, flash, chip, state):
        self._flash = flash
        self._hidden = {"/.chip": chip, "/.state": state}

    def __getattr__(self, name):
        return getattr(self._flash, name)

    def _of(self, path):
        end = path.find("/", 1)
        behind = self._hidden.get(path[:end])
        return (behind, path[end:]) if behind else (self._flash, path)

    def open(self, path, mode):
        fs, path = self._of(path)
        return fs.open(path, mode)

    def stat(self, path):
        fs, path = self._of(path)
        return fs.stat(path)

    def rename(self, old, new):
        fs, old = self._of(old)
        return fs.rename(old, self._of(new)[1])
