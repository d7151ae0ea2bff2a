"""The RTC's memory, as simulator/rtc-memory.ts lays it out: two slots, one of which holds."""

import uctypes

_SLOTS = 6
_SLOT = 2048
_ram = None


def mount_memory(path):
    global _ram
    from _mapped import address

    size = _SLOTS + 2 * _SLOT
    _ram = uctypes.bytearray_at(address(path, size), size)


def read():
    slot = _ram[0]
    start = _SLOTS + slot * _SLOT
    size = _ram[2 + 2 * slot] | _ram[3 + 2 * slot] << 8
    return bytes(memoryview(_ram)[start : start + size])


def write(data):
    slot = 1 - _ram[0]
    start = _SLOTS + slot * _SLOT
    memoryview(_ram)[start : start + len(data)] = data
    _ram[2 + 2 * slot] = len(data) & 255
    _ram[3 + 2 * slot] = len(data) >> 8
    _ram[0] = slot  # from now on it holds, and not before
