"""The reply of version 1: numbered messages, or one without a number."""

import io

from micropython import const

from .reply import Failure, Reply, buffer
from .trace import write as write_trace

_LAST = const(0x80)
_WHOLE = b"\xff\xff"  # header of a reply of one message


class ReplyV1(Reply):
    head = 2
    _n = 0
    _printed = False

    def __init__(self, server, ident):
        super().__init__()
        self._server = server
        self.ident = ident

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
        if isinstance(error, Failure):
            self.refuse(error.args[1])
            return
        self.refuse(_bounded(error))

    def busy(self, words):
        self.refuse(words)

    def refuse(self, words):
        self._server.send(b"err/", self.ident, words)

    def acknowledge(self, n):
        """Says that message `n` is stored: looks like a whole reply, and is none.

        At QoS 0: one that comes twice, or late, the original tool takes for the whole reply. One
        that is lost does no harm, the next stands for it.
        """
        self._server.send_now(b"out/", self.ident, _WHOLE + b"SEQ %d" % n)

    async def send_on(self, message):
        """A message of a file, at QoS 1: waits while too many are unacknowledged."""
        self._number(False)
        await self._server.stream(b"out/", self.ident, bytes(message))

    def _number(self, last):
        n = self._n
        if last and n == 0:
            buffer[0:2] = _WHOLE
        else:
            buffer[0] = n >> 8 & 127 | (_LAST if last else 0)
            buffer[1] = n & 255
        self._n = n + 1

    def send(self, message, last):
        self._number(last)
        if last:
            self._server.send(b"out/", self.ident, bytes(message))
        else:
            # Code that prints cannot await an acknowledgement.
            self._server.send_now(b"out/", self.ident, message)


def _bounded(error):
    """The traceback; of a very long one the beginning and the end."""
    text = io.BytesIO()
    write_trace(text, error)
    text = text.getvalue()
    if len(text) > 1800:
        text = text[:900] + b"\n  ...\n" + text[-800:]
    return text
