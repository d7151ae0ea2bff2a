"""One connection after the other: connecting, watching, pausing, and connecting again."""

import asyncio
import gc
import sys
from errno import ECONNREFUSED, ECONNRESET
from random import getrandbits
from time import gmtime, ticks_diff, ticks_ms

from micropython import const

from .flight import Flight, Pulse
from .proto import Proto
from .subscriptions import Subscriptions

try:
    import logging

    log = logging.getLogger("mqtt")
except ImportError:
    from .log import log

_CONNACK = const(2)
_PUBACK = const(4)
_PROMPT = const(10000)  # ms


class RefusedError(Exception):
    """The broker's CONNACK said no; its code is the argument."""


def occasional(name):
    """A module of this package that is needed now and then, and does not stay in memory."""
    try:
        module = __import__("mqtt_async." + name, None, None, ("*",))
        delattr(sys.modules["mqtt_async"], name)
        return module
    finally:  # also of one that there was no memory for: before 1.24 its beginning stays
        sys.modules.pop("mqtt_async." + name, None)


class Link:
    def __init__(self, c):
        self.config = c
        self.connects = 0  # connections so far
        self.tls = None  # None, "verified" or "unverified"
        self._response = int(c["response_time"] * 1000)
        self._change = Pulse()
        size = c["rx_buffer"] or c["max_payload"] + 512
        self._proto = Proto(self, c["max_payload"], size, c["tx_buffer"])
        self._flight = Flight(self._proto, self._change, c["inflight"])
        self._subs = Subscriptions(self._proto, self._change, self._flight, self._response)
        self._task = self._receiver = self._watcher = None
        self._connack = None
        self._ssl = None
        self._words = None  # of the last failure
        self._times = 0  # how often it came, one after the other
        self._nobody = None  # the topic of be_prompt()
        self._asked = 0  # ticks of its last call

    def be_prompt(self, topic):
        """For the next 10 s keeps the broker from holding back what it has for us.

        With Nagle's algorithm it does so until our TCP has acknowledged a PUBACK, which waits for
        up to 250 ms for something to send along. So each last PUBACK is followed by an empty
        message to `topic` (bytes), which nobody should subscribe to.
        """
        self._nobody = topic
        self._asked = ticks_ms()

    async def _online(self):
        while not self._proto.ready:
            await self._change.next()

    async def _run(self):
        c = self.config
        clean = c["clean"]
        pause = fails = 0
        while True:
            start = None
            gc.collect()
            try:
                if c["ssid"]:
                    await occasional("wifi").up(c, log, fails)
                if clean:
                    # A session begun with the clean flag would end with its first connection, and
                    # with it what the broker holds for us: clear it, and begin one that lasts.
                    await self._open(True)
                    await self._leave()
                    clean = False
                await self._open(False)
                start = ticks_ms()
                fails = 0
                await self._session()
            except Exception as e:
                # A broker that says no, even by closing its port, was reached over the Wi-Fi.
                said_no = e.args[:1] in ((ECONNRESET,), (ECONNREFUSED,))
                if not start and isinstance(e, OSError) and not said_no:
                    fails += 1
                stage = 2 if start else 1 if self._proto.isopen() else 0
                await self._drop()
                gc.collect()
                self._explain(e, stage)
            # A link that breaks at once, time and again, is no reason to hurry.
            if start and ticks_diff(ticks_ms(), start) > self._response:
                pause = 0
            pause = min(max(pause * 1.5, c["pause_min"]), c["pause_max"])
            ms = int(pause * 1000)
            await asyncio.sleep_ms(ms * 3 // 4 + ms * getrandbits(8) // 512)

    def _explain(self, e, stage):
        try:
            hostname = self._ssl[1] if self._ssl else None
            words = occasional("errors").words(e, self.config, hostname, stage)
            self._times = self._times + 1 if words == self._words else 1
            self._words = words
            if self._times == 1:
                log.error("%s", words)
            elif self._is_worth_a_line():
                log.error("%s (%d times by now)", words, self._times)
        except MemoryError:
            log.exc(e, "no connection")

    def _is_worth_a_line(self):
        """Of a failure that repeats itself, each time that there were twice as many.

        During a long outage the log would hold nothing else.
        """
        return not self._times & (self._times - 1)

    async def _open(self, clean):
        """Connects and sees the CONNACK, or raises."""
        c = self.config
        params = c["ssl_params"]
        tls = params is not None and params is not False
        ssl = hostname = None
        if tls:
            if gmtime()[0] < 2024:
                await occasional("ntp").set_clock(c, log)
            if not self._ssl:
                self._ssl = occasional("tls").context(c)
            ssl, hostname, self.tls = self._ssl
        c["port"] = c["port"] or (8883 if tls else 1883)
        if not clean:
            if self.tls == "unverified":
                log.warning("the broker's certificate is NOT verified: no ssl_params['ca']")
            if self._is_worth_a_line():
                to = " with TLS" if tls else ""
                log.info("connecting to %s:%d%s", c["server"], c["port"], to)
        self._connack = None
        proto = self._proto
        packet = occasional("connect").packet(c, clean)
        gc.collect()
        try:
            opening = proto.open(c["server"], c["port"], ssl, hostname)
            await asyncio.wait_for_ms(opening, self._response)
            self._receiver = asyncio.create_task(proto.serve())
            if not proto.put(packet):
                raise ValueError("option 'tx_buffer' is too small for the last will")
            await asyncio.wait_for_ms(self._accepted(), self._response)
        except asyncio.TimeoutError:
            raise OSError("no answer")
        if self._connack[1]:
            raise RefusedError(self._connack[1])

    async def _accepted(self):
        await self._proto.flush()
        while not self._connack:
            if self._proto.failed:
                raise self._proto.failed
            await self._change.next()

    async def _session(self):
        """Serves a fresh connection until it fails; raises the reason."""
        proto = self._proto
        self._watcher = asyncio.create_task(self._watch())
        if not self._connack[0]:
            await self._subs.renew()
            if proto.failed:
                raise proto.failed
        self._flight.link += 1
        self.connects += 1
        proto.ready = True
        self._change.set()
        log.info("connected")
        self._times = 0
        if self.connects == 1:
            self._call("connect_coro", self)
        self._call("wifi_coro", True)
        await self._flight.send()
        while not proto.failed:
            await self._change.next()
        self._call("wifi_coro", False)
        raise proto.failed

    async def _leave(self):
        if self._proto.put(b"\xe0\0"):
            self._proto.push()
        await self._drop()

    async def _drop(self):
        if self._receiver:
            self._receiver.cancel()
        if self._watcher:
            self._watcher.cancel()
        self._receiver = self._watcher = None
        await self._proto.close()

    def _call(self, name, argument):
        function = self.config[name]
        if function:
            asyncio.create_task(_guarded(function, name, argument))

    async def _watch(self):
        """Ends a link on which an answer is due for longer than response_time.

        It counts its own steps instead of reading the clock: after code that held the loop for
        long, the answers lie in the socket unread.
        """
        proto = self._proto
        step = max(50, min(1000, self._response // 4))
        limit = self._response // step + 1
        idle = self.config["keepalive"] * 250
        waited = heard = 0
        while not proto.failed:
            await asyncio.sleep_ms(step)
            if self._flight.overdue(limit):
                proto.fail(OSError("no acknowledgement of a publish"))
            now = ticks_ms()
            if waited and proto.heard != heard:
                waited = 0
            elif waited:
                waited += 1
                if waited > limit:
                    proto.fail(OSError("no answer to a ping"))
            elif ticks_diff(now, proto.heard) >= idle or ticks_diff(now, proto.said) >= idle * 2:
                heard = proto.heard
                waited = 1
                proto.put(b"\xc0\0")
            proto.push()
            await self._flight.send()

    # What Proto calls, from within its receive loop:

    def on_ack(self, kind, pid, code):
        if kind == _PUBACK:
            self._flight.acknowledged(pid)
            if self._nobody and self._flight.empty():
                if ticks_diff(ticks_ms(), self._asked) > _PROMPT:
                    self._nobody = None
                elif self._proto.put_publish(self._nobody, b"", 0, 0):
                    self._proto.push()
        elif kind == _CONNACK:
            self._connack = (pid & 1, code)
        else:
            self._subs.acknowledged(pid, code)
        self._change.set()

    def on_fail(self):
        self._change.set()


async def _guarded(function, name, argument):
    try:
        await function(argument)
    except Exception as e:
        log.exc(e, "%s failed", name)
