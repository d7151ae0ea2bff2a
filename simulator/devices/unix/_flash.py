"""The flash chip's data partition as a block device on a file of the host."""

BLOCK = 4096


class Flash:
    def __init__(self, path, gauge):
        self._file = open(path, "r+b")  # noqa: SIM115 - open until the power goes
        self._blocks = self._file.seek(0, 2) // BLOCK
        self._gauge = gauge

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        gauge = self._gauge
        gauge.writes += 1
        if gauge.left:
            gauge.left -= 1
            if not gauge.left:
                self._power_fails(memoryview(buf)[: len(buf) // 2] if gauge.torn else buf)
        self._file.write(buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return BLOCK
        return 0  # 6, erase: littlefs needs no certain value in an erased block

    def _power_fails(self, last):
        from _board import halt, tell

        self._file.write(last)
        tell("power-cut")
        halt()
