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


class Presence:
    def __init__(self, mqtt, prefix, boot, commands):
        """`prefix` ends with "/mqb/"; `boot` and `commands` go into the birth message."""
        self._mqtt = mqtt
        self._status = (prefix + "status").encode()
        self._info = (prefix + "info").encode()
        self._commands = commands
        self._facts = birth.facts(crash.facts, mqtt, boot)
        self._ready = False
        mqtt.client.set_last_will(self._status, b"offline", True, 1)

    async def announce(self):
        """Says what the board is, then that it is there."""
        self._ready = True
        client = self._mqtt.client
        self._facts["do"] = sorted(self._commands)
        if client.tls:
            self._facts["tls"] = client.tls
        for name, value in (
            ("up", alive.uptime()),
            ("time", alive.clock()),
            ("zone", log_lines.zone),
        ):
            if value is None:
                self._facts.pop(name, None)
            else:
                self._facts[name] = value
        info = json.dumps(self._facts)
        await client.publish(self._info, info, retain=True, qos=1, sync=False)
        await client.publish(self._status, b"online", retain=True, qos=1, sync=False)

    async def changed(self, connected):
        board.fail_led(not connected)
        if connected and self._ready:
            await self.announce()


def start(mqtt, prefix, boot, commands):
    presence = Presence(mqtt, prefix, boot, commands)
    mqtt.on_mqtt(presence.changed)
    commands["crash"] = crash.command
    # The facts stay, the code that found them is not needed again.
    global birth
    del sys.modules["birth"], birth
    return presence
