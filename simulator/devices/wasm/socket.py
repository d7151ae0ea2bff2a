"""Sockets of the virtual network: TCP clients, and UDP as far as NTP needs it."""

import _host
from uctypes import addressof

AF_INET = 2
SOCK_STREAM = 1
SOCK_DGRAM = 2
IPPROTO_TCP = 6
IPPROTO_UDP = 17
SOL_SOCKET = 1
SO_REUSEADDR = 4
TCP_NODELAY = 1

_EAGAIN = 11


def getaddrinfo(host, port, af=0, kind=0, proto=0, flags=0):
    """OSError(-202) where the name is unknown or the network is down, as on the ESP32."""
    result = _host.call("resolve %s %d" % (host, port))
    if result < 0:
        raise OSError(result)
    return [(AF_INET, kind or SOCK_STREAM, proto, "", (_host.text(), port))]


def _check(result):
    """A text that came with the error is mbedTLS's about a certificate."""
    if result < 0:
        text = _host.text()
        raise ValueError(text) if text else OSError(-result)
    return result


class _Stream:
    """What a socket and a TLS socket have in common: MicroPython's stream methods."""

    def __init__(self, id, wait=-1):
        self._id = id
        self._wait = wait

    def fileno(self):
        return self._id

    def setblocking(self, blocking):
        self._wait = -1 if blocking else 0

    def close(self):
        if self._id:
            _host.call("close %d" % self._id)
            self._id = 0

    def _receive(self, buf, size):
        """Bytes received into buf; None where there are none yet and the socket does not block."""
        if not self._id:
            raise OSError(9)
        n = _host.receive("receive %d %d %d" % (self._id, size, self._wait), addressof(buf), size)
        return None if n == -_EAGAIN else _check(n)

    def _send(self, data):
        if not self._id:
            raise OSError(9)
        if isinstance(data, str):
            data = data.encode()
        if not data:
            return 0
        n = _host.send("send %d %d" % (self._id, self._wait), addressof(data), len(data))
        return None if n == -_EAGAIN else _check(n)

    def readinto(self, buf, size=-1):
        if size < 0 or size > len(buf):
            size = len(buf)
        view = memoryview(buf)
        done = 0
        while done < size:
            n = self._receive(view[done:size], size - done)
            if n is None:
                return done or None
            done += n
            if not n or self._wait == 0:
                break
        return done

    def read(self, size=-1):
        parts = b""
        while size < 0 or len(parts) < size:
            buf = bytearray(size - len(parts) if size >= 0 else 1024)
            n = self._receive(buf, len(buf))
            if n is None:
                return parts or None
            if not n:
                break
            parts += bytes(memoryview(buf)[:n])
            if self._wait == 0 and size >= 0:
                break
        return parts

    def readline(self):
        line = b""
        buf = bytearray(1)
        while not line.endswith(b"\n"):
            n = self._receive(buf, 1)
            if n is None:
                return line or None
            if not n:
                break
            line += buf
        return line

    def write(self, data, *limits):
        if limits:
            start = limits[0] if len(limits) > 1 else 0
            data = memoryview(data)[start : start + limits[-1]]
        return self._send(data)


class socket(_Stream):  # noqa: N801 - its name on every board
    def __init__(self, af=AF_INET, kind=SOCK_STREAM, proto=0):
        self._udp = kind == SOCK_DGRAM
        super().__init__(_host.call("udp" if self._udp else "tcp"))

    def settimeout(self, seconds):
        self._wait = -1 if seconds is None else int(seconds * 1000)

    def setsockopt(self, level, option, value):
        """Accepted: the virtual network never delays small packets."""

    def connect(self, address):
        self._address = address
        if not self._udp:
            _check(
                _host.call("connect %d %s %d %d" % (self._id, address[0], address[1], self._wait))
            )

    def send(self, data):
        n = self.sendto(data, self._address) if self._udp else self._send(data)
        if n is None:
            raise OSError(_EAGAIN)
        return n

    def sendall(self, data):
        self.send(data)

    def recv(self, size):
        buf = bytearray(size)
        if self._udp:
            n = _host.receive("receivefrom %d %d" % (self._id, self._wait), addressof(buf), size)
            _check(n)
        else:
            n = self._receive(buf, size)
        if n is None:
            raise OSError(_EAGAIN)
        return bytes(memoryview(buf)[:n])

    def sendto(self, data, address):
        line = "sendto %d %d" % (self._id, address[1])
        return _check(_host.send(line, addressof(data), len(data)))

    def recvfrom(self, size):
        return self.recv(size), ("192.168.4.1", 123)

    def makefile(self, mode="rwb", buffering=0):
        return self
