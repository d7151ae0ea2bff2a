"""What goes out on one socket."""

import asyncio
from time import ticks_ms

from micropython import const

_ACK = const(4)  # bytes of a PUBACK
_POLL = const(2)  # ms between two tries to write to a full socket


class Sender:
    """The send buffer. Packets are appended whole; `push` gives the socket what it takes.

    The progress is kept here and not in a waiting task, so anybody may push at any time: a task,
    and also synchronous code that holds the loop.
    """

    def __init__(self, size):
        # Room for one PUBACK is kept free: it is due after a callback, which may itself send.
        self._cap = size
        self._tx = bytearray(size + _ACK)
        self._txv = memoryview(self._tx)
        self._sock = None
        self._reset()

    def _reset(self):
        self._head = self._tail = 0
        self._rest = None  # what is left of a payload larger than the buffer
        self.said = ticks_ms()  # when bytes were last sent

    def push(self):
        """Gives the socket what it takes. True when nothing is left to send."""
        try:
            while self._head < self._tail:
                n = self._sock.write(self._txv[self._head : self._tail])
                if not n:
                    return False
                self._head += n
                self.said = ticks_ms()
            self._head = self._tail = 0
            while self._rest:
                n = self._sock.write(self._rest)
                if not n:
                    return False
                self._rest = self._rest[n:]
                self.said = ticks_ms()
            self._rest = None
        except (OSError, AttributeError, ValueError) as e:
            # AttributeError: closed meanwhile. ValueError: mbedTLS about a certificate.
            self.fail(e)
        return not self.failed

    async def flush(self):
        """Waits until everything is in the socket. False when the link failed."""
        while not self.push():
            if self.failed:
                return False
            await asyncio.sleep_ms(_POLL)
        return True

    def _fit(self, n):
        if self._rest is not None:
            return False
        if self._tail + n > self._cap and self._head:
            n_left = self._tail - self._head
            self._tx[:n_left] = self._txv[self._head : self._tail]
            self._head, self._tail = 0, n_left
        return self._tail + n <= self._cap

    def put(self, packet):
        """Appends a whole packet; False when there is no room before the next push."""
        n = len(packet)
        if not self._fit(n):
            return False
        self._tx[self._tail : self._tail + n] = packet
        self._tail += n
        return True

    def put_publish(self, topic, payload, flags, pid):
        """Appends a PUBLISH; False when there is no room before the next push.

        `flags`: the low bits of its first byte. A payload that is larger than the buffer is sent
        from where it lies, and must not change until `push` returned True.
        """
        n_topic = len(topic)
        n_payload = len(payload)
        size = 2 + n_topic + n_payload
        if pid:
            size += 2
        n = size + 5
        if n > self._cap:
            n -= n_payload
        if not self._fit(n):
            return False
        tx = self._tx
        i = self._tail
        tx[i] = 0x30 | flags
        i += 1
        while size > 127:
            tx[i] = size & 127 | 128
            size >>= 7
            i += 1
        tx[i] = size
        tx[i + 1] = n_topic >> 8
        tx[i + 2] = n_topic & 255
        i += 3
        tx[i : i + n_topic] = topic
        i += n_topic
        if pid:
            tx[i] = pid >> 8
            tx[i + 1] = pid & 255
            i += 2
        room = self._cap - i
        if n_payload <= room:
            tx[i : i + n_payload] = payload
            i += n_payload
        else:
            view = memoryview(payload)
            tx[i : i + room] = view[:room]
            i += room
            self._rest = view[room:]
        self._tail = i
        return True

    def put_ack(self, pid):
        """Appends a PUBACK, for which there is always room where `_fit(4)` was true before."""
        t = self._tail
        self._tx[t] = 0x40
        self._tx[t + 1] = 2
        self._tx[t + 2] = pid >> 8
        self._tx[t + 3] = pid & 255
        self._tail = t + _ACK

    def fits(self, topic, payload):
        """Whether a PUBLISH of these goes into the send buffer as a whole."""
        return len(topic) + len(payload) + 9 <= self._cap
