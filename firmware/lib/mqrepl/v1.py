"""Version 1 of the wire, as the original tool speaks it: see docs/protocol.md."""

import asyncio
import logging

from micropython import const

from . import running
from .reply_v1 import ReplyV1

_HEADER = const(2)
_UNNUMBERED = const(0x7FFF)
_REMEMBERED = const(8)
_UNSENT = const(8)  # replies that wait for their acknowledgement; each is a task with its text

log = logging.getLogger("mqrepl")


class Server:
    def __init__(self, mqtt, topic, commands):
        """`topic`: of the replies, up to "out" or "err"."""
        self._mqtt = mqtt
        self._topic = topic
        self._commands = commands
        self._fresh = False
        self._ids = []
        self._unsent = 0

    def receive(self, topic, msg, dup):
        """`topic`: what follows "cmd/"."""
        if len(msg) < _HEADER:
            return
        name, _, rest = topic.partition(b"/")
        ident, _, argument = rest.partition(b"/")
        n = (msg[0] & 127) << 8 | msg[1]
        n = 0 if n == _UNNUMBERED else n
        last = msg[0] > 127
        for reply in running.replies:
            if reply.ident == ident and reply.transfer:
                reply.transfer.take(n, last, msg[_HEADER:])
                return
        # A command that crashed the board is redelivered to the next boot; and one whose
        # acknowledgement was lost is redelivered to this one, which has carried it out.
        if dup and (not self._fresh or ident in self._ids):
            log.warning("dropped a redelivered %s", name.decode())
            return
        if not dup:
            self._fresh = True
        if n and ident in self._ids:
            return  # of a put that is over
        self._ids = self._ids[1 - _REMEMBERED :] + [ident]
        if self._unsent >= _UNSENT:
            self.send_now(b"err/", ident, b"too many commands at once, try again")
            return
        reply = ReplyV1(self, ident)
        command = self._commands.get(name.decode())
        if not command:
            reply.refuse("this board has no command " + name.decode())
        elif n:
            reply.refuse("the beginning is missing, has the board restarted? Send it again")
        elif name in (b"put", b"get"):
            head = {"do": name.decode() + "1", "path": argument.decode(), "last": last}
            running.carry_out(reply, command, head, msg[_HEADER:])
        elif name == b"ota":
            head = {"do": "ota1", "sha": argument.decode(), "last": last}
            running.carry_out(reply, command, head, msg[_HEADER:])
        elif not last:
            reply.refuse(name.decode() + " takes one message")
        else:
            running.carry_out(reply, command, {}, bytes(msg[_HEADER:]))

    async def stream(self, kind, ident, message):
        topic = self._topic + kind + ident
        await self._mqtt.client.publish(topic, message, qos=1, sync=False)

    def send(self, kind, ident, message):
        """Publishes at QoS 1; a task waits for the acknowledgement."""
        self._unsent += 1
        asyncio.create_task(self._publish(self._topic + kind + ident, message))

    async def _publish(self, topic, message):
        try:
            await self._mqtt.client.publish(topic, message, qos=1)
        finally:
            self._unsent -= 1

    def send_now(self, kind, ident, message):
        self._mqtt.client.publish_now(self._topic + kind + ident, message)
