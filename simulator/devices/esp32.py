"""`esp32`: the partitions with their two app slots, and the memory of the IDF."""

from _board import ask

HEAP_DATA = 4
HEAP_EXEC = 1

_BLOCK = 4096
_ESP_ERR_OTA_VALIDATE_FAILED = -5379
# (type, subtype, address, size, label), as in the table of ESP32_GENERIC-OTA
_TABLE = (
    (1, 2, 0x9000, 0x4000, "nvs"),
    (1, 0, 0xD000, 0x2000, "otadata"),
    (0, 16, 0x10000, 0x180000, "ota_0"),
    (0, 17, 0x190000, 0x180000, "ota_1"),
    (1, 129, 0x310000, 0xE0000, "vfs"),
)


def __getattr__(name):
    if name == "NVS":
        from chip_nvs import NVS

        return NVS
    raise AttributeError(name)


def idf_heap_info(capabilities):
    """(total, free, largest free block, lowest free so far) of each region, as a WROOM has it."""
    return [(7288, 0, 0, 0), (16648, 84, 56, 0), (79512, 30000, 26624, 20000)]


def raw_temperature():
    """Of the chip, in degrees Fahrenheit. Others have mcu_temperature(), in Celsius."""
    return 128


class Partition:
    TYPE_APP = 0
    TYPE_DATA = 1
    BOOT = 0
    RUNNING = 1

    def __init__(self, which, block_size=_BLOCK):
        """`which` is BOOT, RUNNING, or a label. OSError where there is none of that name."""
        if which in (self.BOOT, self.RUNNING):
            which = ask("running" if which else "boot")
        found = [entry for entry in _TABLE if entry[4] == which]
        if not found:
            raise OSError(-261)  # ESP_ERR_NOT_FOUND
        self._entry = found[0]
        self._block_size = block_size
        self._path = "/.state/" + which

    @classmethod
    def find(cls, type=TYPE_APP, subtype=0xFF, label=None, block_size=_BLOCK):
        return [
            cls(entry[4], block_size)
            for entry in _TABLE
            if entry[0] == type and subtype in (0xFF, entry[1]) and label in (None, entry[4])
        ]

    @staticmethod
    def mark_app_valid_cancel_rollback():
        ask("valid")

    def info(self):
        return self._entry + (False,)

    def readblocks(self, block, buf, offset=0):
        """What was never written reads as erased flash."""
        view = memoryview(buf)
        n = 0
        try:
            with open(self._path, "rb") as file:
                file.seek(block * self._block_size + offset)
                n = file.readinto(buf)
        except OSError:
            pass
        for i in range(n, len(view)):
            view[i] = 0xFF

    def writeblocks(self, block, buf, offset=None):
        """Erases first, unless there is an offset: then bits can only be cleared, as in flash."""
        at = block * self._block_size + (offset or 0)
        if at + len(buf) > self._entry[3]:
            raise OSError(-258)  # ESP_ERR_INVALID_ARG
        if offset is not None:
            old = bytearray(len(buf))
            self.readblocks(block, old, offset)
            buf = bytes(a & b for a, b in zip(old, buf))
        self._write(at, buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self._entry[3] // self._block_size
        if op == 5:
            return self._block_size
        if op == 6:
            self._write(arg * self._block_size, b"\xff" * self._block_size)
        return 0

    def _write(self, at, data):
        try:
            file = open(self._path, "r+b")  # noqa: SIM115 - closed below, whichever it is
        except OSError:
            file = open(self._path, "w+b")  # noqa: SIM115
        with file:
            end = file.seek(0, 2)
            while end < at:
                end += file.write(b"\xff" * min(_BLOCK, at - end))
            file.seek(at)
            file.write(data)

    def set_boot(self):
        """OSError where no image lies in the slot, as the IDF's check of it says."""
        head = bytearray(1)
        self.readblocks(0, head)
        fresh = self._entry[4] == ask("running")  # the image that runs was never written by us
        if self._entry[0] != self.TYPE_APP or (head[0] != 0xE9 and not fresh):
            raise OSError(_ESP_ERR_OTA_VALIDATE_FAILED, "ESP_ERR_OTA_VALIDATE_FAILED")
        ask("choose " + self._entry[4])

    def get_next_update(self):
        """The slot that is not running."""
        return Partition("ota_0" if ask("running") == "ota_1" else "ota_1", self._block_size)
