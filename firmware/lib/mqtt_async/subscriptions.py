"""What the client is subscribed to."""

import asyncio


class Subscriptions:
    def __init__(self, proto, pulse, flight, response):
        self._proto = proto
        self._pulse = pulse
        self._flight = flight
        self._response = response
        self._topics = {}
        self._pid = 0
        self._code = None
        self._busy = False

    async def ask(self, topic, qos):
        """Subscribes; the code of the SUBACK, or None when the link failed before it came."""
        while self._busy:
            await self._pulse.next()
        self._busy = True
        try:
            return await self._ask(topic, qos)
        finally:
            self._busy = False
            self._pulse.set()

    async def _ask(self, topic, qos):
        proto = self._proto
        self._pid = self._flight.next_pid()
        self._code = None
        size = len(topic) + 5
        head = (0x82, size) if size < 128 else (0x82, size & 127 | 128, size >> 7)
        pid = self._pid.to_bytes(2, "big")
        n = len(topic).to_bytes(2, "big")
        packet = b"".join((bytes(head), pid, n, topic, bytes((qos,))))
        while not proto.put(packet):
            if not await proto.flush():
                return None
        await proto.flush()
        try:
            await asyncio.wait_for_ms(self._answer(), self._response)
        except asyncio.TimeoutError:
            proto.fail(OSError("no acknowledgement of a subscription"))
        if self._code is not None and self._code < 3:
            self._topics[topic] = qos
        return self._code

    def forget(self, topic):
        """Unsubscribes, and waits for no answer. False where there is no room for the packet."""
        self._topics.pop(topic, None)
        proto = self._proto
        if not proto.ready:
            return True  # a new session knows nothing of it
        size = len(topic) + 4
        head = (0xA2, size) if size < 128 else (0xA2, size & 127 | 128, size >> 7)
        pid = self._flight.next_pid().to_bytes(2, "big")
        if not proto.put(b"".join((bytes(head), pid, len(topic).to_bytes(2, "big"), topic))):
            return False
        proto.push()
        return True

    async def _answer(self):
        while self._code is None and not self._proto.failed:
            await self._pulse.next()

    def acknowledged(self, pid, code):
        if pid == self._pid:
            self._code = code

    async def renew(self):
        """Subscribes to everything again, for a broker that has forgotten the session."""
        for topic in list(self._topics):
            if await self.ask(topic, self._topics[topic]) is None:
                return
