"""Tells the world, retained, that this board is there and what it is: P/mqb/status and P/mqb/info.

Started by mqrepl. The board is online only after it has subscribed: who sees it may command it.
"""

import json
import sys

import birth
import board
import crash
import log_lines
from crash import alive

present = None  # what is announced, once mqrepl is started


class Presence:
    def __init__(self, mqtt, prefix, boot, commands):
        """`prefix` ends with "/mqb/"; `boot` and `commands` go into the birth message."""
        self._mqtt = mqtt
        self._status = (prefix + "status").encode()
        self._info = (prefix + "info").encode()
        self._commands = commands
        self._facts = birth.facts(crash.facts, mqtt, boot)
        self.ready = False  # to be commanded
        mqtt.client.set_last_will(self._status, b"offline", True, 1)

    async def announce(self):
        """Says what the board is, then that it is there."""
        self.ready = True
        client = self._mqtt.client
        self._facts["do"] = sorted(self._commands)
        if client.tls:
            self._facts["tls"] = client.tls
        self._facts["up"] = alive.uptime()
        now = crash.occasional("common").clock()
        if now:
            self._facts["time"] = now
        if log_lines.zone or "zone" in self._facts:
            self._facts["zone"] = log_lines.zone
        if log_lines.ring.numbered:
            self._facts["log"] = 2
        wake = sys.modules.get("wake")
        if wake:
            self._facts["wake"] = wake.setting()
        info = json.dumps(self._facts)
        await client.publish(self._info, info, retain=True, qos=1, sync=False)
        await client.publish(self._status, b"online", retain=True, qos=1, sync=False)

    def renew(self):
        """To be called when what is on the board has changed, before the next announce()."""
        import birth

        del sys.modules["birth"]
        birth.renew(self._facts)

    async def leave(self):
        """Says that the board goes, and returns when the broker knows."""
        self.ready = False
        await self._mqtt.client.publish(self._status, b"offline", retain=True, qos=1)

    async def changed(self, connected):
        board.fail_led(not connected)
        if connected and self.ready:
            await self.announce()


def start(mqtt, prefix, boot, commands):
    global present, birth
    present = Presence(mqtt, prefix, boot, commands)
    mqtt.on_mqtt(present.changed)
    commands["crash"] = crash.command
    # The facts stay, the code that found them is not needed again.
    del sys.modules["birth"], birth
    return present
