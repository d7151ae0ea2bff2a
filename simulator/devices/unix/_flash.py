"""The flash chip's data partition as a block device on a file of the host."""

BLOCK = 4096
_ERASED = b"\xff" * 512  # a collection may write, while nothing can be allocated
_PIECES = b"12345678"


class Flash:
    def __init__(self, path, supply):
        self._file = open(path, "r+b")  # noqa: SIM115 - open until the power goes
        self._blocks = self._file.seek(0, 2) // BLOCK
        self._supply = supply

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        supply = self._supply
        supply.gauge.writes += 1
        arrives = supply.change(buf)
        self._file.seek(block * BLOCK + offset)
        self._file.write(buf if arrives is None else arrives)
        if arrives is not None:
            supply.fail()

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return BLOCK
        if op == 6:
            self._erase(arg)
        return 0

    def _erase(self, block):
        arrives = self._supply.change(_PIECES)
        self._file.seek(block * BLOCK)
        for _ in arrives or _PIECES:
            self._file.write(_ERASED)
        if arrives is not None:
            self._supply.fail()
