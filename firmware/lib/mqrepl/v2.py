"""Version 2 of the wire: which exchanges there are, and what a host's frame does to them."""

import json
from time import ticks_ms

from micropython import const

from . import memory
from .exchange import Exchange

LARGEST = const(16384)  # bytes of a command of several frames
WINDOW_BITS = const(10)  # of deflate: 12 would save 2 % of a file more, and cost 3 KiB
_HEADER = const(10)
_REMEMBERED = const(16)
_UNACKNOWLEDGED = const(4)
_INCOMPLETE = const(4)  # commands of which parts are missing
_PATIENCE = const(30000)  # ms for the next part of a command
_TICKS = const(0x3FFFFFFF)

_HELLO = const(0x68)  # h
_COMMAND = const(0x63)  # c
_ACKNOWLEDGE = const(0x61)  # a
_CANCEL = const(0x78)  # x
_DATA = const(0x64)  # d
_GO_ON = const(0x67)  # g


def room(mqtt):
    """Bytes of data that may follow the header of a frame."""
    return mqtt.client.config["max_payload"] - _HEADER


class Server:
    """Receives the frames of all hosts."""

    def __init__(self, mqtt, topic, boot, commands):
        """`topic`: of the replies, up to the host's name."""
        self._mqtt = mqtt
        self._topic = topic
        self.boot = boot
        self.commands = commands
        self._live = {}  # exchanges by id and host
        self._ended = []  # ids and hosts of replies to be acknowledged
        self.shared = {}  # transfers by the topics that they share with other boards
        self._over = []  # (id and host, refusal or None) of the newest exchanges that are over
        memory.shed = self._shed

    def receive(self, host, frame):
        if len(frame) < _HEADER:
            return
        kind = frame[0]
        key = bytes(frame[2:6]) + host
        exchange = self._live.get(key)
        n = frame[6] << 24 | frame[7] << 16 | frame[8] << 8 | frame[9]
        if kind == _COMMAND:
            if exchange:
                exchange.part(n, frame[1] & 1, frame[_HEADER:])
            elif not self._answered(host, key, n):
                self._sweep()
                self._live[key] = exchange = Exchange(self, host, key)
                exchange.part(n, frame[1] & 1, frame[_HEADER:])
        elif kind == _HELLO:
            ticks = ticks_ms() & _TICKS
            said = json.dumps({"boot": self.boot, "ticks": ticks}).encode()
            self.send(host, b"H\0" + key[:4] + b"\0\0\0\0" + said)
        elif exchange:
            if kind == _DATA:
                exchange.data(n, frame[1] & 2, frame[_HEADER:])
            elif kind == _GO_ON:
                exchange.go_on(n, frame[1] & 2, frame[_HEADER:])
            elif kind == _ACKNOWLEDGE:
                exchange.acknowledged(n)
            elif kind == _CANCEL:
                exchange.cancel()

    def receive_shared(self, topic, frame):
        """A frame for all boards that take the same content."""
        if len(frame) >= _HEADER and frame[0] == _DATA:
            n = frame[6] << 24 | frame[7] << 16 | frame[8] << 8 | frame[9]
            for transfer in self.shared[topic]:
                if frame[2:6] == transfer.share:
                    transfer.shared_data(n, frame[1] & 2, frame[_HEADER:])

    def send(self, host, frame):
        """QoS 0 and at once. What does not arrive the host asks for again."""
        return self._mqtt.client.publish_now(self._topic + host, frame)

    def client(self):
        return self._mqtt.client

    def topic(self, host):
        return self._topic + host

    def room(self):
        return room(self._mqtt)

    def over(self, key, refusal=None):
        """Forgets an exchange, except that it was."""
        if self._live.pop(key, None) is None:
            return
        if key in self._ended:
            self._ended.remove(key)
        self._over.append((key, refusal))
        if len(self._over) > _REMEMBERED:
            self._over.pop(0)

    def ended(self, key):
        """The reply is complete but unacknowledged: kept while there are few of them."""
        self._ended.append(key)
        if len(self._ended) > _UNACKNOWLEDGED:
            self.over(self._ended[0])

    def _shed(self):
        for exchange in self._live.values():
            exchange.shed()

    def _sweep(self):
        """Forgets commands that do not arrive as a whole: of a host that has gone, or noise."""
        if len(self._live) <= _UNACKNOWLEDGED:
            return
        silent = [(exchange.silence(), key) for key, exchange in self._live.items()]
        incomplete = sorted([found for found in silent if found[0] >= 0])
        for i, (silence, key) in enumerate(reversed(incomplete)):
            if silence > _PATIENCE or i <= len(incomplete) - _INCOMPLETE:
                self.over(key)

    def _answered(self, host, key, n):
        for known, refusal in self._over:
            if known == key:
                if refusal and n == 0:
                    self.send(host, refusal)
                return True
        return False
