"""Tells the world, retained, that this board is there and what it is: P/mqb/status and P/mqb/info.

Started by mqrepl. The board is online only after it has subscribed: who sees it may command it.
"""

import json
import sys

import board
from mqrepl import v2

VERSION = "0.1.0"  # of the framework


class Presence:
    def __init__(self, mqtt, prefix, boot, commands):
        """`prefix` ends with "/mqb/"; `boot` and `commands` go into the birth message."""
        self._mqtt = mqtt
        self._status = (prefix + "status").encode()
        self._info_topic = (prefix + "info").encode()
        self._commands = commands
        self._facts = _facts(boot)
        self._ready = False
        mqtt.client.set_last_will(self._status, b"offline", True, 1)

    async def announce(self):
        """Says what the board is, then that it is there."""
        self._ready = True
        client = self._mqtt.client
        self._facts["do"] = sorted(self._commands)
        if client.tls:
            self._facts["tls"] = client.tls
        info = json.dumps(self._facts)
        await client.publish(self._info_topic, info, retain=True, qos=1, sync=False)
        await client.publish(self._status, b"online", retain=True, qos=1, sync=False)

    async def changed(self, connected):
        board.fail_led(not connected)
        if connected and self._ready:
            await self.announce()


def _facts(boot):
    import machine

    facts = {
        "wire": 2,
        "boot": boot,
        "chunk": v2.CHUNK,
        "max": v2.LARGEST,
        "fw": VERSION,
        "mpy": ".".join([str(part) for part in sys.implementation[1][:3]]),
        "machine": getattr(sys.implementation, "_machine", sys.platform),
        "id": machine.unique_id().hex(),
        "cause": _cause(machine),
        "mode": "normal",
    }
    boots = _count()
    if boots:
        facts["boots"] = boots
    return facts


def _cause(machine):
    cause = machine.reset_cause()
    for name in ("PWRON", "HARD", "WDT", "DEEPSLEEP", "SOFT"):
        if getattr(machine, name + "_RESET", None) == cause:
            return name
    return "unknown"


def _count():
    """Counts this boot where there is a place for it; else None."""
    try:
        from esp32 import NVS

        store = NVS("mqboard")
    except ImportError:
        return None
    try:
        boots = store.get_i32("boots")
    except OSError:
        boots = 0
    boots += 1
    store.set_i32("boots", boots)
    store.commit()
    return boots
