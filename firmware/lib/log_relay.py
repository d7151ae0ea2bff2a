"""Sends log lines to the broker: the module `logging`, once it is started.

Config: `topic`; `boot_sz` and `boot_level`, bytes and level of what is kept until the first
connection; `loop_sz` and `loop_level`, the same from then on.
"""

import asyncio


def start(mqtt, config, backlog):
    backlog.size = config.get("boot_sz", 10240)
    backlog.level = config.get("boot_level", 10)
    asyncio.create_task(_send(mqtt, config, backlog))


async def _send(mqtt, config, backlog):
    more = asyncio.Event()
    backlog.added = more.set
    connected = asyncio.Event()

    async def first():
        connected.set()

    mqtt.on_init(first())
    await connected.wait()
    boot = len(backlog.lines)
    while True:
        while backlog.lines:
            line = backlog.pop()
            await mqtt.client.publish(config["topic"], line, qos=1, sync=False)
            boot -= 1
            if boot == 0:
                _serving(backlog, config)
        if boot > 0:
            boot = 0
            _serving(backlog, config)
        more.clear()
        await more.wait()


def _serving(backlog, config):
    """From the first connection on: fewer lines, and less memory for them."""
    backlog.size = config.get("loop_sz", 2048)
    backlog.level = config.get("loop_level", 20)
