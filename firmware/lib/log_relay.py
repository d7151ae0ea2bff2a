"""Sends log lines to the broker: the module `logging`, once it is started.

Config: `topic`; `numbered`; `boot_sz` and `boot_level`, bytes and level of what is kept until the
first connection has seen it; `loop_sz` and `loop_level`, the same from then on; `console` and
`mqtt`, levels by name as in the setting `log`; `print`, see log_print.py.
"""

import asyncio
import gc

import log_lines
import logging
from log_lines import ring


def start(mqtt, config):
    ring.numbered = config.get("numbered", False)
    log_lines.bound(config.get("boot_sz", 10240))
    log_lines.level = config.get("boot_level", 10)
    levels = {key: config[key] for key in ("console", "mqtt") if key in config}
    if levels:
        import log_levels

        log_levels.configure(levels)
    logging.fit()
    if config.get("print"):
        import log_print

        log_print.start(config["print"])
    asyncio.create_task(_send(mqtt, config))


async def _send(mqtt, config):
    topic = config["topic"].encode()
    client = mqtt.client
    more = asyncio.Event()
    online = asyncio.Event()

    async def connected():
        online.set()

    mqtt.on_init(connected())
    await online.wait()
    log_lines.connected = client.isconnected
    log_lines.added = more.set
    boot = ring.said
    booting = True

    def acked():
        ring.acknowledge()
        if ring.acked >= boot:
            more.set()

    while True:
        more.clear()
        try:
            log_lines.catch_up()
            line = ring.next()
            if booting and ring.acked >= boot:
                _serving(config)
                acked = ring.acknowledge
                booting = False
        except MemoryError:
            line = None
            gc.collect()
            more.set()
            await asyncio.sleep(1)
        if line:
            await _publish(client, topic, line, acked)
        else:
            await more.wait()


async def _publish(client, topic, line, acked):
    while True:
        try:
            await client.publish(topic, line, qos=1, sync=False, acked=acked)
            break
        except MemoryError:
            gc.collect()
            await asyncio.sleep(1)
    # A storm of lines is no reason to keep commands waiting.
    await asyncio.sleep_ms(0)


def _serving(config):
    """From the first connection on: fewer lines, and less memory for them."""
    log_lines.level = config.get("loop_level", 20)
    logging.fit()
    log_lines.bound(config.get("loop_sz", 2048))
