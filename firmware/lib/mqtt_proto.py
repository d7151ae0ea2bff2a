"""MQTT 3.1.1 packets over one socket: what mqtt_async sends and receives.

A Proto is made once and opened again for each connection, so that its two buffers are allocated
once, while memory is still in one piece. Packets to send are appended whole to the send buffer;
`push` gives the socket what it takes. Because the progress is kept in the object and not in a
waiting task, anybody may push at any time: a task, and also synchronous code that holds the loop.
"""

import asyncio
from time import ticks_ms

from micropython import const

_CONNACK = const(2)
_PUBLISH = const(3)
_PUBACK = const(4)
_SUBACK = const(9)
_ECONNRESET = const(104)
_ACK = const(4)  # bytes of a PUBACK
_POLL = const(2)  # ms between two tries to write to a full socket


class Proto:
    """One link to the broker.

    `owner` gets the calls on_publish(topic, payload, retained, qos, dup) with memoryviews that are
    valid during the call only, on_oversize(topic, size), on_ack(type, pid, code) and
    on_fail(exception). None of them may raise.
    """

    def __init__(self, owner, limit, rx_size, tx_size):
        self._owner = owner
        self._limit = limit
        self._rx = bytearray(rx_size)
        self._rxv = memoryview(self._rx)
        # The room for one PUBACK is kept free: it is due after a callback, which may itself send.
        self._cap = tx_size
        self._tx = bytearray(tx_size + _ACK)
        self._txv = memoryview(self._tx)
        self._stream = None
        self._reset()

    def _reset(self):
        self._head = self._tail = 0
        self._rest = None  # what is left of a payload larger than the send buffer
        self._skip = 0  # bytes still to come of a packet larger than the receive buffer
        self.failed = None
        self.heard = self.said = ticks_ms()

    async def open(self, host, port, ssl, hostname):
        """Opens the socket; a TLS handshake goes on with the first bytes sent."""
        self._reset()
        if ssl:
            made = asyncio.open_connection(host, port, ssl=ssl, server_hostname=hostname)
        else:
            made = asyncio.open_connection(host, port)
        self._stream = (await made)[0]
        # Stream.write and drain copy what the socket does not take, and keep their progress inside
        # of a task, where publish_now could not go on with it: hence the socket itself.
        self._sock = self._stream.s
        try:
            self._sock.setsockopt(6, 1, 1)  # TCP_NODELAY
        except (AttributeError, OSError):
            pass  # TLS sockets have no options, and not every port knows this one

    def isopen(self):
        return self._stream is not None

    async def close(self):
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
            self._owner.on_fail(error)

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

    def fits(self, topic, payload):
        """Whether a PUBLISH of these goes into the send buffer as a whole."""
        return len(topic) + len(payload) + 9 <= self._cap

    async def serve(self):
        """Receives until the link fails: several packets a read, their PUBACKs in one write."""
        start = end = 0
        try:
            while not self.failed:
                n = await self._stream.readinto(self._rxv[end:])
                if n is None:  # TLS: a record without data
                    continue
                if not n:
                    raise OSError(_ECONNRESET)
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
                        raise OSError(_ECONNRESET, "not MQTT")
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
                    raise OSError(_ECONNRESET, "not MQTT")
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
            t = self._tail
            self._tx[t] = _PUBACK << 4
            self._tx[t + 1] = 2
            self._tx[t + 2] = pid >> 8
            self._tx[t + 3] = pid & 255
            self._tail = t + _ACK
        return True
