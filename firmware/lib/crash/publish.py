"""Sends reports to the broker, which keeps them for whoever asks later."""

import asyncio

from micropython import const

from . import alive

_MINUTE = const(60)


def begin(crash):
    """In a task of its own, what is due."""
    now = alive.uptime()
    ids = [ident for ident in crash.due if crash.due[ident] <= now]
    ids.sort()
    for ident in ids:
        del crash.due[ident]
    asyncio.create_task(_publish(crash, ids))
    crash.publishing = True


async def _publish(crash, ids):
    try:
        folder = crash.occasional("folder")
        for ident in ids:
            path = folder.find(ident)
            if path:
                report = folder.whole(path, alive.counts.get(ident, 0))
                await crash.mqtt.client.publish(crash.topic + ident, report, retain=True, qos=1)
    except (MemoryError, OSError) as e:
        crash.make_room()
        crash.log.error("crash reports are not published yet: %r", e)
        for ident in ids:
            crash.due[ident] = alive.uptime() + _MINUTE
    finally:
        crash.publishing = False
