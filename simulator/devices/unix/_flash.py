"""The flash chip's data partition as a block device on a file of the host."""

BLOCK = 4096


class Flash:
    def __init__(self, path):
        self._file = open(path, "r+b")  # noqa: SIM115 - open until the power goes
        self._blocks = self._file.seek(0, 2) // BLOCK

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.write(buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return BLOCK
        return 0
