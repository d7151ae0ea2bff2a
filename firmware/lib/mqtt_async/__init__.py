"""MQTT 3.1.1 client for asyncio that keeps its connection: see docs/mqtt_async.md.

    client = MQTTClient({"server": "broker.local", "subs_cb": callback})
    await client.connect()
    await client.subscribe("a/topic", 1)
    await client.publish("another/topic", "hello", qos=1)

What is needed all the time is split into files that the compiler of a small board has memory for:
link (one connection after the other), proto and send (packets on one socket), flight and
subscriptions (what outlives a connection). The rest is loaded for the occasion and forgotten.
"""

import asyncio
import gc
from time import sleep_ms, ticks_diff, ticks_ms

from .link import Link, log, occasional

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
    "max_payload": 4106,
    "rx_buffer": 0,
    "tx_buffer": 2048,
    "inflight": 4,
    "pause_min": 0.3,
    "pause_max": 20,
}


def _bytes(value):
    return value.encode() if isinstance(value, str) else value


def _ignore(*_):
    pass


class MQTTClient(Link):
    def __init__(self, options):
        """`options` overrides `config`. ValueError names the key that is wrong."""
        c = config.copy()
        c.update(options)
        c["subs_cb"] = c["subs_cb"] or _ignore
        c["skip_cb"] = c["skip_cb"] or _ignore
        occasional("options").check(c, config, log)
        super().__init__(c)

    def set_last_will(self, topic, message, retain=False, qos=0):
        """What the broker publishes when this client is lost; takes effect at the next connect."""
        self.config["will"] = (topic, message, retain, qos)

    def start(self):
        """Connects, and stays connected from now on, in a task of its own."""
        if not self._task:
            self._task = asyncio.create_task(self._run())

    async def connect(self):
        """Starts, and waits for the connection."""
        self.start()
        await self._online()

    async def disconnect(self):
        """Takes leave of the broker, which then publishes no last will, and stops."""
        if self._task:
            self._task.cancel()
            self._task = None
            await self._leave()

    def isconnected(self):
        return self._proto.ready

    async def publish(self, topic, msg, retain=False, qos=0, sync=True, acked=None):
        """Publishes str or bytes-like `msg`; waits for a connection where there is none.

        QoS 0 returns once the message is in the socket. QoS 1 returns once it is acknowledged, or,
        with sync=False, as soon as it is one of the at most `inflight` messages whose
        acknowledgement is awaited; it is redelivered until that comes. A `bytes` is kept by
        reference, a buffer that may change is copied where it has to be kept. `acked` is called
        at the acknowledgement of QoS 1, inside the receive loop: it must neither block nor raise.
        """
        topic = _bytes(topic)
        msg = _bytes(msg)
        if qos:
            if not sync and not isinstance(msg, bytes):
                msg = bytes(msg)
            await self._flight.publish(topic, msg, 3 if retain else 2, sync, acked)
            return
        proto = self._proto
        while True:
            if not proto.ready:
                await self._online()
            if proto.put_publish(topic, msg, 1 if retain else 0, 0):
                break
            await proto.flush()
        await proto.flush()
        # Somebody who publishes in a loop must not keep the receiver from its turn.
        await asyncio.sleep_ms(0)

    def publish_now(self, topic, payload):
        """Publishes at QoS 0 without awaiting: for code that holds the loop.

        Blocks for response_time at most. True when everything is in the socket, else False: not
        connected, the link gave no way (it is given up then), or larger than `tx_buffer`.
        """
        proto = self._proto
        topic = _bytes(topic)
        payload = _bytes(payload)
        if not proto.ready or not proto.fits(topic, payload):
            return False
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
        """Subscribes now, and again whenever the broker has lost the session.

        Waits for a connection. OSError when the broker refuses.
        """
        topic = _bytes(topic)
        code = None
        while code is None:
            await self._online()
            code = await self._subs.ask(topic, qos)
        if code > 2:
            raise OSError("broker refused the subscription to " + topic.decode())

    def unsubscribe(self, topic):
        """Unsubscribes at once and without an answer. False: no room to say so, try again."""
        return self._subs.forget(_bytes(topic))

    def on_publish(self, topic, payload, retained, qos, dup):
        try:
            if not self.config["view"]:
                payload = bytes(payload)
            self.config["subs_cb"](topic, payload, retained, qos, dup)
        except MemoryError:
            gc.collect()
            self.on_oversize(topic, len(payload))
        except Exception as e:
            log.exc(e, "callback failed, topic %s", topic)

    def on_oversize(self, topic, size):
        try:
            log.error("skipped a message of %d bytes, topic %s", size, topic)
            self.config["skip_cb"](topic, size)
        except Exception as e:
            log.exc(e, "skip callback failed, topic %s", topic)
