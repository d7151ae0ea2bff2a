"""Publishes at QoS 1 between their call and their PUBACK, over any number of connections."""

import asyncio
import gc

from micropython import const

# A publish is a list:
_PID = const(0)  # packet id, the same at each redelivery; 0 once it is acknowledged
_TOPIC = const(1)
_MSG = const(2)
_FLAGS = const(3)
_LINK = const(4)  # number of the connection it was last sent on, 0 for none
_AGE = const(5)  # steps of the watch since then
_ACKED = const(6)  # function to call at the acknowledgement, or None


class Pulse(asyncio.Event):
    """Wakes all who wait for something to change; each looks then whether it was theirs."""

    async def next(self):
        self.clear()
        await self.wait()


class Flight:
    def __init__(self, proto, pulse, size):
        self._proto = proto
        self._pulse = pulse
        self._size = size
        self._sent = []
        self._pid = 0
        self._sending = False
        self.link = 0  # number of the connection

    def next_pid(self):
        """A packet id that no publish has."""
        while True:
            self._pid = self._pid % 65535 + 1
            for entry in self._sent:
                if entry[_PID] == self._pid:
                    break
            else:
                return self._pid

    async def publish(self, topic, msg, flags, sync, acked=None):
        sent = self._sent
        while len(sent) >= self._size:
            await self._pulse.next()
        entry = [self.next_pid(), topic, msg, flags, 0, 0, acked]
        sent.append(entry)
        try:
            await self.send()
            while sync and entry[_PID]:
                await self._pulse.next()
        except asyncio.CancelledError:
            if entry[_LINK]:  # the broker may know the packet id: only a PUBACK frees it
                entry[_MSG] = bytes(entry[_MSG])
            elif entry in sent:
                sent.remove(entry)
                self._pulse.set()
            raise

    async def send(self):
        """Sends what was not sent on this connection yet. One task at a time does, so that the
        order is kept; it takes along what others add meanwhile."""
        if self._sending:
            return
        proto = self._proto
        self._sending = True
        try:
            while proto.ready:
                for entry in self._sent:
                    if entry[_LINK] != self.link:
                        break
                else:
                    break
                flags = entry[_FLAGS] | (8 if entry[_LINK] else 0)
                if proto.put_publish(entry[_TOPIC], entry[_MSG], flags, entry[_PID]):
                    entry[_LINK] = self.link
                    entry[_AGE] = 0
                if not proto.push():
                    await proto.flush()
        except MemoryError:
            gc.collect()  # what is left is sent at the next step of the watch
        finally:
            self._sending = False

    def acknowledged(self, pid):
        sent = self._sent
        for i in range(len(sent)):
            if sent[i][_PID] == pid:
                entry = sent.pop(i)
                entry[_PID] = 0
                if entry[_ACKED]:
                    entry[_ACKED]()
                return

    def empty(self):
        return not self._sent

    def overdue(self, limit):
        """Counts a step of the watch; True when a PUBACK is missing for more than `limit`."""
        for entry in self._sent:
            if entry[_LINK] == self.link:
                entry[_AGE] += 1
                if entry[_AGE] > limit:
                    return True
        return False
