"""What main.py does once, before the modules start."""

import asyncio

_MINUTES = 10  # between two notes in NVS


def start(crash, mqtt, config, prefix):
    """`config`: `note_minutes`, 0: none in NVS; `prefix` is that of mqrepl."""
    crash.mqtt = mqtt
    if isinstance(prefix, str):
        crash.topic = prefix.rstrip("/") + "/crash/"
    minutes = config.get("note_minutes", _MINUTES)
    asyncio.create_task(crash.live(60 * (minutes if isinstance(minutes, int) else _MINUTES)))
