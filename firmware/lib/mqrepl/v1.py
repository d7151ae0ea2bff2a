"""Version 1 of the wire, as the original tool speaks it: see docs/protocol.md."""

import asyncio
import io
import logging

from micropython import const

from .reply import Reply, buffer, busy, write_trace

_LAST = const(0x80)
_WHOLE = b"\xff\xff"  # header of a reply of one message
_REMEMBERED = const(8)

log = logging.getLogger("mqrepl")


class Server:
    def __init__(self, mqtt, topic, commands):
        """`topic`: of the replies, up to "out" or "err"."""
        self._mqtt = mqtt
        self._topic = topic
        self._commands = commands
        self._fresh = False
        self._ids = []

    def receive(self, topic, msg, dup):
        """`topic`: what follows "cmd/"."""
        name, _, rest = topic.partition(b"/")
        ident = rest.partition(b"/")[0]
        # A command that crashed the board is redelivered to the next boot; and one whose
        # acknowledgement was lost is redelivered to this one, which has carried it out.
        if dup and (not self._fresh or ident in self._ids):
            log.warning("dropped a redelivered %s", name.decode())
            return
        if len(msg) < 2:
            return
        if not dup:
            self._fresh = True
        self._ids = self._ids[1 - _REMEMBERED :] + [ident]
        reply = ReplyV1(self, ident)
        command = self._commands.get(name.decode())
        if not command:
            reply.refuse("this board has no command " + name.decode())
        elif not msg[0] & _LAST or not (msg[0] & 127 == 0 and msg[1] == 0 or msg[:2] == _WHOLE):
            reply.refuse(name.decode() + " takes one message")
        elif busy():
            reply.refuse("too many commands run, try again")
        else:
            reply.carry_out(command, {}, bytes(msg[2:]))

    def send(self, kind, ident, messages):
        """Publishes at QoS 1 once somebody waits in our place."""
        asyncio.create_task(self._publish(self._topic + kind + ident, messages))

    async def _publish(self, topic, message):
        await self._mqtt.client.publish(topic, message, qos=1)

    def send_now(self, ident, message):
        self._mqtt.client.publish_now(self._topic + b"out/" + ident, message)


class ReplyV1(Reply):
    head = 2
    _n = 0
    _printed = False

    def __init__(self, server, ident):
        super().__init__()
        self._server = server
        self._ident = ident

    def write(self, data):
        self._printed = True
        return super().write(data)

    def value(self, value):
        """After output, None is no news."""
        if value is not None or not self._printed:
            super().value(value)

    def end(self):
        self.flush(True)

    def report(self, error):
        self.flush()
        self.refuse(_bounded_trace(error))

    def refuse(self, words):
        self._server.send(b"err/", self._ident, words)

    def send(self, message, last):
        n = self._n
        if last and n == 0:
            buffer[0:2] = _WHOLE
        else:
            buffer[0] = n >> 8 & 127 | (_LAST if last else 0)
            buffer[1] = n & 255
        self._n = n + 1
        if last:
            self._server.send(b"out/", self._ident, bytes(message))
        else:
            # Code that prints cannot await an acknowledgement.
            self._server.send_now(self._ident, message)


def _bounded_trace(error):
    """The traceback; of a very long one the beginning and the end."""
    text = io.BytesIO()
    write_trace(text, error)
    text = text.getvalue()
    if len(text) > 1800:
        text = text[:900] + b"\n  ...\n" + text[-800:]
    return text
