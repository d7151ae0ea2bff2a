"""`esp32.NVS`: small values by namespace and key. What was not committed ends with the power; of
a commit in which it fails, the first half of the keys may arrive."""

import json
import os

import chip_supply
from _board import tell

_ESP_ERR_NVS_NOT_FOUND = -4354
_spaces = {}  # namespace: {key: int, or hexadecimal text of a blob}


def _load(namespace):
    try:
        with open("/.state/nvs/" + namespace) as file:
            return json.load(file)
    except OSError:
        return {}


class NVS:
    def __init__(self, namespace):
        if not 0 < len(namespace) < 16:
            raise OSError(-4361)  # ESP_ERR_NVS_INVALID_NAME
        self._name = namespace
        self._values = _spaces.setdefault(namespace, None) or _load(namespace)
        _spaces[namespace] = self._values

    def _get(self, key, kind):
        value = self._values.get(key)
        if not isinstance(value, kind):
            raise OSError(_ESP_ERR_NVS_NOT_FOUND)
        return value

    def set_i32(self, key, value):
        if not -0x80000000 <= value <= 0x7FFFFFFF:
            raise OverflowError
        self._values[self._key(key)] = value

    def get_i32(self, key):
        return self._get(key, int)

    def set_blob(self, key, value):
        self._values[self._key(key)] = bytes(value).hex()

    def get_blob(self, key, buffer):
        """The blob's length; OSError where the buffer is too small for it."""
        blob = bytes.fromhex(self._get(key, str))
        if len(blob) > len(buffer):
            raise OSError(-4364)  # ESP_ERR_NVS_INVALID_LENGTH
        buffer[: len(blob)] = blob
        return len(blob)

    def erase_key(self, key):
        if self._values.pop(key, None) is None:
            raise OSError(_ESP_ERR_NVS_NOT_FOUND)

    def commit(self):
        stored = _load(self._name)
        changed = [key for key in self._values if stored.get(key) != self._values[key]]
        erased = [key for key in stored if key not in self._values]
        arrives = chip_supply.change(changed + erased)
        if arrives is None:
            return self._store(self._values)
        for key in arrives:
            if key in self._values:
                stored[key] = self._values[key]
            else:
                stored.pop(key)
        self._store(stored)
        chip_supply.fail()
        return None

    def _store(self, values):
        path = "/.state/nvs/" + self._name
        with open(path + ".new", "w") as file:
            json.dump(values, file)
        os.rename(path + ".new", path)
        tell("nvs")

    def _key(self, key):
        if not 0 < len(key) < 16:
            raise OSError(-4361)
        return key
