"""`esp32`: the partitions with their two app slots, and the memory of the IDF."""

import chip_supply
from _board import ask

if ask("chip") == "rp2":
    raise ImportError("no module named 'esp32'")

HEAP_DATA = 4
HEAP_EXEC = 1

_BLOCK = 4096
_ESP_ERR_OTA_VALIDATE_FAILED = -5379
# (type, subtype, address, size, label)
if ask("partitions") == "ota":  # as in the table of ESP32_GENERIC-OTA
    _TABLE = (
        (1, 2, 0x9000, 0x4000, "nvs"),
        (1, 0, 0xD000, 0x2000, "otadata"),
        (0, 16, 0x10000, 0x180000, "ota_0"),
        (0, 17, 0x190000, 0x180000, "ota_1"),
        (1, 129, 0x310000, 0xE0000, "vfs"),
    )
else:  # as in that of ESP32_GENERIC
    _TABLE = (
        (1, 2, 0x9000, 0x6000, "nvs"),
        (1, 1, 0xF000, 0x1000, "phy_init"),
        (0, 0, 0x10000, 0x1F0000, "factory"),
        (1, 129, 0x200000, 0x200000, "vfs"),
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
            which = _slot("running" if which else "boot")
        found = [entry for entry in _TABLE if entry[4] == which]
        if not found:
            raise OSError(2)
        self._entry = found[0]
        self._block_size = block_size
        # What runs where there is one app is what would run in the first of two.
        self._path = "/.state/" + ("ota_0" if which == "factory" else which)

    @classmethod
    def find(cls, type=TYPE_APP, subtype=0xFF, label=None, block_size=_BLOCK):
        return [
            cls(entry[4], block_size)
            for entry in _TABLE
            if entry[0] == type and subtype in (0xFF, entry[1]) and label in (None, entry[4])
        ]

    @staticmethod
    def mark_app_valid_cancel_rollback():
        """OSError where nothing was ever chosen by `set_boot`."""
        if len(_apps()) < 2:
            raise OSError(1, "ESP_FAIL")
        found = chip_supply.step(ask, "erase-for-valid")
        if found == "none":
            raise OSError(1, "ESP_FAIL")
        if found == "erased":
            chip_supply.step(ask, "valid")

    def info(self):
        return self._entry + (False,)

    def readblocks(self, block, buf, offset=0):
        """What was never written reads as erased flash."""
        self._check(block * self._block_size + offset, len(buf))
        n = 0
        try:
            with open(self._path, "rb") as file:
                file.seek(block * self._block_size + offset)
                n = file.readinto(buf)
        except OSError:
            pass
        if n < len(buf):
            memoryview(buf)[n:] = b"\xff" * (len(buf) - n)

    def writeblocks(self, block, buf, offset=None):
        """Erases first, unless there is an offset: then bits can only be cleared, as in flash."""
        at = block * self._block_size + (offset or 0)
        if offset is None:
            self._erase(at, len(buf))
        else:
            old = bytearray(len(buf))
            self.readblocks(block, old, offset)
            buf = bytes(a & b for a, b in zip(old, buf))
        self._change(at, buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self._entry[3] // self._block_size
        if op == 5:
            return self._block_size
        if op == 6:
            self._erase(arg * self._block_size, self._block_size)
        return 0

    def _check(self, at, size):
        if at + size > self._entry[3]:
            raise OSError(-258, "ESP_ERR_INVALID_ARG")

    def _erase(self, at, size):
        self._check(at, size)
        if at % _BLOCK or size % _BLOCK:
            raise OSError(-260, "ESP_ERR_INVALID_SIZE")
        for start in range(at, at + size, _BLOCK):
            self._change(start, b"\xff" * _BLOCK)

    def _change(self, at, data):
        self._check(at, len(data))
        arrives = chip_supply.change(data)
        self._write(at, data if arrives is None else arrives)
        if arrives is not None:
            chip_supply.fail()

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
        """
        OSError where no image lies in the slot. The IDF checks more, an image's own hash for
        example, but not that it is the one which was meant: so nobody should count on it.
        """
        head = bytearray(1)
        self.readblocks(0, head)
        if self._entry[0] != self.TYPE_APP or head[0] != 0xE9:
            raise OSError(_ESP_ERR_OTA_VALIDATE_FAILED, "ESP_ERR_OTA_VALIDATE_FAILED")
        if len(_apps()) > 1:
            chip_supply.step(ask, "erase-for-choice")
            chip_supply.step(ask, "choose " + self._entry[4])

    def get_next_update(self):
        """The slot behind this one; OSError where there is no slot for updates."""
        slots = _apps()
        if len(slots) < 2:
            raise OSError(2)
        return Partition(slots[1 - slots.index(self._entry[4])], self._block_size)


def _apps():
    return [entry[4] for entry in _TABLE if entry[0] == Partition.TYPE_APP]


def _slot(which):
    apps = _apps()
    return ask(which) if len(apps) > 1 else apps[0]
