"""MQTT 3.1.1 client for asyncio that keeps its connection: see docs/mqtt_async.md.

    client = MQTTClient({"server": "broker.local", "subs_cb": callback})
    client.start()
    await client.subscribe("a/topic", 1)
    await client.publish("another/topic", "hello", qos=1)

This file holds what outlives a connection: reconnecting, redelivery, subscriptions. What happens
on one connection is in mqtt_proto; what is needed now and then (Wi-Fi, TLS, NTP, errors in words)
is in files of its own that are loaded for the occasion and forgotten.
"""

import asyncio
import gc
import sys
from random import getrandbits
from time import ticks_diff, ticks_ms

from micropython import const
from mqtt_proto import Proto

try:
    import logging

    log = logging.getLogger("mqtt")
except ImportError:
    from mqtt_log import log

_CONNACK = const(2)
_PUBACK = const(4)

# A publish at QoS 1 is a list from its call until its PUBACK:
_PID = const(0)  # packet id, the same for each redelivery; 0 when acknowledged
_TOPIC = const(1)
_MSG = const(2)
_FLAGS = const(3)
_LINK = const(4)  # number of the connection it was last sent on, 0 for none
_AGE = const(5)  # steps of the watch since then

config = {
    "server": None,
    "port": 0,
    "ssl_params": None,
    "user": None,
    "password": None,
    "client_id": None,
    "clean": True,
    "keepalive": 60,
    "response_time": 10,
    "will": None,
    "ssid": None,
    "wifi_pw": None,
    "hostname": None,
    "ntp_host": "pool.ntp.org",
    "subs_cb": None,
    "skip_cb": None,
    "connect_coro": None,
    "wifi_coro": None,
    "view": False,
    "max_payload": 4096,
    "rx_buffer": 0,
    "tx_buffer": 2048,
    "inflight": 4,
    "pause_min": 0.3,
    "pause_max": 20,
}


class RefusedError(Exception):
    """The broker's CONNACK said no; its code is the argument."""


def occasional(name):
    """Imports a module that shall not stay in memory."""
    module = __import__(name)
    sys.modules.pop(name, None)
    return module


def _bytes(value):
    return value.encode() if isinstance(value, str) else value


class MQTTClient:
    def __init__(self, options):
        """`options` overrides `config`. ValueError names the key that is wrong."""
        c = self.config = config.copy()
        c.update(options)
        occasional("mqtt_check").check(c, config, log)
        size = c["rx_buffer"] or c["max_payload"] + 512
        self._proto = Proto(self, c["max_payload"], size, c["tx_buffer"])
        self._response = int(c["response_time"] * 1000)
        self._view = c["view"]
        self._callback = c["subs_cb"]
        self._change = asyncio.Event()
        self._task = None
        self._ready = False
        self._link = 0
        self._pid = 0
        self._sent = []
        self._sending = False
        self._subs = {}
        self._asked = {}
        self._connack = None
        self._ssl = None
        self.tls = None  # None, "verified" or "unverified"
        self.connects = 0

    def set_last_will(self, topic, message, retain=False, qos=0):
        """What the broker publishes when this client is lost; takes effect at the next connect."""
        self.config["will"] = (_bytes(topic), _bytes(message), retain, qos)

    def start(self):
        """Connects, and stays connected from now on, in a task of its own."""
        if not self._task:
            self._task = asyncio.create_task(self._run())

    async def connect(self):
        """Starts and waits for the connection."""
        self.start()
        await self._online()

    async def disconnect(self):
        """Takes leave of the broker (which then publishes no last will) and stops."""
        if self._task:
            if self._ready and self._proto.put(b"\xe0\0"):
                self._proto.push()
            self._task.cancel()
            self._task = None
            await self._drop()

    def isconnected(self):
        return self._ready

    async def publish(self, topic, msg, retain=False, qos=0, sync=True):
        """Publishes str or bytes-like `msg`; waits for a connection where there is none.

        QoS 0 returns once the message is in the socket. QoS 1 returns once it is acknowledged, or,
        with sync=False, as soon as it is one of the at most `inflight` messages whose
        acknowledgement is awaited; it is redelivered until that comes. A `bytes` is kept by
        reference, a buffer that may change is copied where it has to be kept.
        """
        topic = _bytes(topic)
        msg = _bytes(msg)
        proto = self._proto
        if not qos:
            while True:
                if not self._ready:
                    await self._online()
                if proto.put_publish(topic, msg, 1 if retain else 0, 0):
                    break
                await proto.flush()
            await proto.flush()
            # Somebody who publishes in a loop must not keep the receiver from its turn.
            return await asyncio.sleep_ms(0)
        if not sync and not isinstance(msg, bytes):
            msg = bytes(msg)
        sent = self._sent
        while len(sent) >= self.config["inflight"]:
            await self._changed()
        entry = [self._next_pid(), topic, msg, 3 if retain else 2, 0, 0]
        sent.append(entry)
        try:
            await self._send_due()
            while sync and entry[_PID]:
                await self._changed()
        except asyncio.CancelledError:
            if entry[_LINK]:  # the broker may know the packet id: it has to be ended by a PUBACK
                entry[_MSG] = bytes(entry[_MSG])
            elif entry in sent:
                sent.remove(entry)
            raise

    def publish_now(self, topic, payload):
        """Publishes at QoS 0 without awaiting: for code that holds the loop.

        Blocks for response_time at most. True when everything is in the socket, else False: not
        connected, the link gave no way (it is given up then), or larger than `tx_buffer`.
        """
        proto = self._proto
        topic = _bytes(topic)
        payload = _bytes(payload)
        if not self._ready or not proto.fits(topic, payload):
            return False
        from time import sleep_ms

        start = ticks_ms()
        put = False
        while not proto.failed:
            put = put or proto.put_publish(topic, payload, 0, 0)
            if proto.push() and put:
                return True
            if ticks_diff(ticks_ms(), start) > self._response:
                proto.fail(OSError("the broker takes no data"))
            sleep_ms(1)
        return False

    async def subscribe(self, topic, qos=0):
        """Subscribes, and again whenever the broker has lost the session."""
        topic = _bytes(topic)
        while True:
            await self._online()
            code = await self._ask_subscribe(topic, qos)
            if code is None:
                continue
            if code > 2:
                raise OSError("broker refused the subscription to " + topic.decode())
            self._subs[topic] = qos
            return

    # --- what Proto calls

    def on_publish(self, topic, payload, retained, qos, dup):
        try:
            if not self._view:
                payload = bytes(payload)
            self._callback(topic, payload, retained, qos, dup)
        except MemoryError as e:
            gc.collect()
            log.exc(e, "no memory for a message of %d bytes, topic %s", len(payload), topic)
        except Exception as e:
            log.exc(e, "callback failed, topic %s", topic)

    def on_oversize(self, topic, size):
        log.error("skipped a message of %d bytes, topic %s", size, topic)
        if self.config["skip_cb"]:
            try:
                self.config["skip_cb"](topic, size)
            except Exception as e:
                log.exc(e, "skip callback failed, topic %s", topic)

    def on_ack(self, kind, pid, code):
        if kind == _PUBACK:
            sent = self._sent
            for i in range(len(sent)):
                if sent[i][_PID] == pid:
                    sent.pop(i)[_PID] = 0
                    break
        elif kind == _CONNACK:
            self._connack = (pid & 1, code)
        elif pid in self._asked:
            self._asked[pid] = code
        self._change.set()

    def on_fail(self, error):
        self._ready = False
        self._change.set()

    # --- one connection after the other

    async def _run(self):
        c = self.config
        clean = c["clean"]
        pause = 0
        fails = 0
        while True:
            start = None
            gc.collect()
            try:
                if c["ssid"]:
                    await occasional("mqtt_wifi").up(c, log, fails)
                if clean:
                    await self._open(True)
                    self._proto.put(b"\xe0\0")
                    await self._proto.flush()
                    await self._drop()
                    clean = False
                await self._open(False)
                start = ticks_ms()
                fails = 0
                await self._session()
            except Exception as e:
                if start is None and not isinstance(e, (RefusedError, ValueError)):
                    fails += 1
                opened = self._proto.isopen()
                await self._drop()
                gc.collect()
                hostname = self._ssl[1] if self._ssl else None
                log.error("%s", occasional("mqtt_errors").words(e, c, hostname, opened))
            # A link that breaks at once, time and again, is no reason to hurry.
            if start and ticks_diff(ticks_ms(), start) > self._response:
                pause = 0
            pause = min(max(pause * 2, c["pause_min"]), c["pause_max"])
            ms = int(pause * 1000)
            await asyncio.sleep_ms(ms * 3 // 4 + ms * getrandbits(8) // 512)

    async def _open(self, clean):
        """Connects and sees the CONNACK, or raises."""
        c = self.config
        tls = c["ssl_params"] is not None and c["ssl_params"] is not False
        hostname = None
        if tls:
            if not self._ssl:
                self._ssl = await occasional("mqtt_tls").context(c, log)
            ssl, hostname, self.tls = self._ssl
            if self.tls == "unverified" and not clean:
                log.warning("the broker's certificate is NOT verified: no ssl_params['ca']")
        port = c["port"] or (8883 if tls else 1883)
        say = log.debug if clean else log.info
        say("connecting to %s:%d%s", c["server"], port, " with TLS" if tls else "")
        self._connack = None
        proto = self._proto
        try:
            opening = proto.open(c["server"], port, ssl if tls else None, hostname)
            await asyncio.wait_for_ms(opening, self._response)
            self._receiver = asyncio.create_task(proto.serve())
            if not proto.put(occasional("mqtt_connect").packet(c, clean)):
                raise ValueError("tx_buffer is too small for the last will")
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
            await self._changed()

    async def _session(self):
        """Serves a fresh connection until it fails; raises the reason."""
        c = self.config
        self._link += 1
        self._watcher = asyncio.create_task(self._watch())
        if not self._connack[0]:
            for topic in list(self._subs):
                if await self._ask_subscribe(topic, self._subs[topic]) is None:
                    raise self._proto.failed
        self._ready = True
        self._change.set()
        self.connects += 1
        log.info("connected")
        if self.connects == 1 and c["connect_coro"]:
            asyncio.create_task(self._call(c["connect_coro"], self))
        if c["wifi_coro"]:
            asyncio.create_task(self._call(c["wifi_coro"], True))
        await self._send_due()
        while not self._proto.failed:
            await self._changed()
        if c["wifi_coro"]:
            asyncio.create_task(self._call(c["wifi_coro"], False))
        raise self._proto.failed

    async def _drop(self):
        self._ready = False
        for name in ("_receiver", "_watcher"):
            task = getattr(self, name, None)
            if task:
                task.cancel()
                setattr(self, name, None)
        await self._proto.close()

    async def _call(self, function, argument):
        try:
            await function(argument)
        except Exception as e:
            log.exc(e, "callback failed")

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
            for entry in self._sent:
                if entry[_LINK] == self._link:
                    entry[_AGE] += 1
                    if entry[_AGE] > limit:
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
            await self._send_due()

    # --- acknowledgements

    async def _changed(self):
        self._change.clear()
        await self._change.wait()

    async def _online(self):
        while not self._ready:
            await self._changed()

    def _next_pid(self):
        while True:
            self._pid = self._pid % 65535 + 1
            for entry in self._sent:
                if entry[_PID] == self._pid:
                    break
            else:
                if self._pid not in self._asked:
                    return self._pid

    async def _send_due(self):
        """Sends what was not sent on this connection yet. One task at a time does, so that the
        order is kept; it takes along what others add meanwhile."""
        proto = self._proto
        if self._sending or not self._ready:
            return
        self._sending = True
        try:
            while self._ready:
                for entry in self._sent:
                    if entry[_LINK] != self._link:
                        break
                else:
                    break
                flags = entry[_FLAGS] | (8 if entry[_LINK] else 0)
                if proto.put_publish(entry[_TOPIC], entry[_MSG], flags, entry[_PID]):
                    entry[_LINK] = self._link
                    entry[_AGE] = 0
                if not proto.push():
                    await proto.flush()
        finally:
            self._sending = False

    async def _ask_subscribe(self, topic, qos):
        """The SUBACK's code, or None when the link failed first."""
        proto = self._proto
        pid = self._next_pid()
        self._asked[pid] = None
        n = len(topic)
        packet = b"".join(
            (b"\x82", _varint(n + 5), pid.to_bytes(2, "big"), n.to_bytes(2, "big"), topic)
        ) + bytes((qos,))
        try:
            while not proto.put(packet):
                if not await proto.flush():
                    return None
            await proto.flush()
            await asyncio.wait_for_ms(self._suback(pid), self._response)
            return self._asked[pid]
        except asyncio.TimeoutError:
            proto.fail(OSError("no acknowledgement of a subscription"))
        finally:
            del self._asked[pid]

    async def _suback(self, pid):
        while self._asked[pid] is None and not self._proto.failed:
            await self._changed()


def _varint(n):
    return bytes((n,)) if n < 128 else bytes((n & 127 | 128, n >> 7))
