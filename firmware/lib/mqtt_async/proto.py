"""MQTT 3.1.1 packets over one socket: opening it, and receiving."""

import asyncio
from errno import ECONNRESET
from time import ticks_diff, ticks_ms

from micropython import const

from .send import Sender

_CONNACK = const(2)
_PUBLISH = const(3)
_PUBACK = const(4)
_SUBACK = const(9)
_STRETCH = const(5)  # ms
_ACK = const(4)  # bytes of a PUBACK


class Proto(Sender):
    """One link to the broker, opened again for each connection: its two buffers are made once,
    while memory is still in one piece.

    `owner` gets the calls on_publish(topic, payload, retained, qos, dup), with a memoryview that
    is valid during the call only, on_oversize(topic, size), on_ack(type, pid, code) and on_fail().
    None of them may raise.
    """

    def __init__(self, owner, limit, rx_size, tx_size):
        self._owner = owner
        self._limit = limit
        self._rx = bytearray(rx_size)
        self._rxv = memoryview(self._rx)
        super().__init__(tx_size)
        self._stream = None
        self._skip = 0  # bytes still to come of a packet larger than the receive buffer
        self.failed = None  # why the link is over
        self.ready = False  # whether publishes may be sent
        self.heard = 0  # ticks of the last bytes received

    async def open(self, host, port, ssl, hostname):
        """Opens the socket; a TLS handshake goes on with the first bytes sent."""
        self._reset()
        self._skip = 0
        self.failed = None
        self.heard = ticks_ms()
        if ssl:
            made = asyncio.open_connection(host, port, ssl=ssl, server_hostname=hostname)
        else:
            made = asyncio.open_connection(host, port)
        self._stream = (await made)[0]
        # Stream.write and drain copy what the socket does not take, and keep their progress inside
        # a task, where publish_now could not go on with it: hence the socket itself.
        self._sock = self._stream.s
        try:
            self._sock.setsockopt(6, 1, 1)  # TCP_NODELAY
        except (AttributeError, OSError):
            pass  # TLS sockets have no options, and not every port knows this one

    def isopen(self):
        return self._stream is not None

    async def close(self):
        self.ready = False
        if self._stream:
            stream, self._stream = self._stream, None
            self._sock = None
            try:
                stream.close()
                await stream.wait_closed()
            except OSError:
                pass

    def fail(self, error):
        """Gives the link up; the first reason counts."""
        if not self.failed:
            self.failed = error
            self.ready = False
            self._owner.on_fail()

    async def serve(self):
        """Receives until the link fails: several packets a read, their PUBACKs in one write."""
        start = end = 0
        since = self.heard
        try:
            while not self.failed:
                n = None
                # What is there already need not be waited for, for as long as others can wait.
                if ticks_diff(self.heard, since) < _STRETCH:
                    n = self._sock.readinto(self._rxv[end:])
                if n is None:
                    n = await self._stream.readinto(self._rxv[end:])
                    since = ticks_ms()
                    if n is None:  # TLS: a record without data
                        continue
                if not n:
                    raise OSError(ECONNRESET)
                self.heard = ticks_ms()
                end += n
                start = self._parse(0, end)
                while start < 0:  # no room for a PUBACK
                    if not await self.flush():
                        return
                    start = self._parse(-start - 1, end)
                if start == end:
                    end = 0
                elif start:
                    n = end - start
                    self._rx[:n] = self._rxv[start:end]
                    end = n
                if self._tail:
                    self.push()
        except (OSError, ValueError, AttributeError, MemoryError) as e:
            self.fail(e)

    def _parse(self, i, end):
        """Handles the whole packets of rx[i:end] and returns where it stopped, as -1 - position
        where it did so for want of room for a PUBACK."""
        rx = self._rx
        if self._skip:
            n = min(self._skip, end - i)
            self._skip -= n
            i += n
        while end - i >= 2:
            size = rx[i + 1]
            body = i + 2
            if size > 127:
                size &= 127
                shift = 7
                while True:
                    if body >= end:
                        return i
                    size |= (rx[body] & 127) << shift
                    body += 1
                    if rx[body - 1] < 128:
                        break
                    shift += 7
                    if shift > 21:
                        raise OSError(ECONNRESET, "not MQTT")
            kind = rx[i] >> 4
            stop = body + size
            if kind == _PUBLISH:
                if rx[i] & 6 and not self._fit(_ACK):
                    return -1 - i
                if not self._publish(i, body, stop, end):
                    return i
                if stop > end:
                    self._skip = stop - end
                    return end
            elif stop > end:
                if stop - i > len(rx):
                    raise OSError(ECONNRESET, "not MQTT")
                return i
            elif kind == _CONNACK:
                self._owner.on_ack(kind, rx[body], rx[body + 1])
            elif kind in (_PUBACK, _SUBACK):
                self._owner.on_ack(kind, rx[body] << 8 | rx[body + 1], rx[stop - 1])
            i = stop
        return i

    def _publish(self, i, body, stop, end):
        """One received PUBLISH. False when more of it has to come first."""
        rx = self._rx
        qos = rx[i] >> 1 & 3
        large = stop - i > len(rx)
        if stop > end and not large:
            return False
        if end < body + 2:
            return False
        data = body + 2 + (rx[body] << 8 | rx[body + 1])
        pid = 0
        if qos:
            data += 2
        if data > end:  # a topic of kilobytes: neither it nor the id behind it is at hand
            if end - i < len(rx):
                return False
            self._owner.on_oversize(bytes(self._rxv[body + 2 : end]), stop - body)
            return True
        topic = bytes(self._rxv[body + 2 : data - 2 if qos else data])
        if qos:
            pid = rx[data - 2] << 8 | rx[data - 1]
        if large or stop - data > self._limit:
            self._owner.on_oversize(topic, stop - data)
        else:
            flags = rx[i]
            self._owner.on_publish(
                topic, self._rxv[data:stop], bool(flags & 1), qos, bool(flags & 8)
            )
        if qos:
            self.put_ack(pid)
        return True
