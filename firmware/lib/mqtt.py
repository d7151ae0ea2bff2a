"""Owns the one MQTT client, and lets modules register in any order of their start."""

import asyncio
import logging

from crash import caught

log = logging.getLogger("mqtt")


class MQTT:
    """What a functional module's start(mqtt, config) gets as `mqtt`."""

    client = None  # the MQTTClient, from start() on

    _init = []
    _mqtt = []
    _msg = []
    _views = []
    _skip = []

    @classmethod
    def on_init(cls, awaitable):
        """`awaitable` is awaited once after the first connection, one after the other."""
        cls._init.append(awaitable)

    @classmethod
    def on_mqtt(cls, function):
        """`function`, a coroutine function, runs at each change, with True (up) or False."""
        cls._mqtt.append(function)

    @classmethod
    def on_msg(cls, function, view=False):
        """`function(topic, msg, retained, qos, dup)` gets each message, inside the receive loop.

        It must not block. `topic` is bytes. `msg` is bytes that may be kept; with view=True it is
        a memoryview of the receive buffer, which is valid until the function returns.
        """
        (cls._views if view else cls._msg).append(function)

    @classmethod
    def on_skip(cls, function):
        """`function(topic, size)` hears of each message too large to receive; size in bytes."""
        cls._skip.append(function)

    @classmethod
    async def _connected(cls, client):
        for awaitable in cls._init:
            try:
                await awaitable
            except (Exception, SystemExit) as e:  # which would come again after each reset
                caught(log, e, "on_init", "on_init failed")
        cls._init.clear()

    @classmethod
    async def _changed(cls, connected):
        for function in cls._mqtt:
            asyncio.create_task(_guarded(function(connected)))

    @classmethod
    def _received(cls, topic, msg, retained, qos, dup):
        for function in cls._views:
            try:
                function(topic, msg, retained, qos, dup)
            except Exception as e:
                caught(log, e, "on_msg", "on_msg failed, topic %s", topic)
        if cls._msg:
            msg = bytes(msg)
            for function in cls._msg:
                try:
                    function(topic, msg, retained, qos, dup)
                except Exception as e:
                    caught(log, e, "on_msg", "on_msg failed, topic %s", topic)

    @classmethod
    def _skipped(cls, topic, size):
        for function in cls._skip:
            try:
                function(topic, size)
            except Exception as e:
                caught(log, e, "on_skip", "on_skip failed, topic %s", topic)


async def _guarded(awaitable):
    try:
        await awaitable
    except Exception as e:
        caught(log, e, "on_mqtt", "on_mqtt failed")


def start(mqtt, config):
    """`config`: the options of docs/mqtt_async.md. The connection is made in a task."""
    from mqtt_async import MQTTClient

    options = dict(config)
    # What the original calls its name on the network.
    name = options.pop("dhcp_hostname", None) or options.get("user") or options.get("client_id")
    options["hostname"] = options.get("hostname") or name
    options["view"] = True
    options["subs_cb"] = mqtt._received
    options["skip_cb"] = mqtt._skipped
    options["connect_coro"] = mqtt._connected
    options["wifi_coro"] = mqtt._changed
    mqtt.client = MQTTClient(options)
    mqtt.client.start()
