"""Sends reports to the broker, which keeps them for whoever asks later."""

from . import alive


async def publish(crash, ids):
    folder = crash.occasional("folder")
    for ident in ids:
        report = _report(folder, ident)
        if report:
            await crash.mqtt.client.publish(crash.topic + ident, report, retain=True, qos=1)


def _report(folder, ident):
    again = alive.counts.get(ident, 0)
    for held in alive.held:
        if held[1] == ident:
            return held[2][:-1] + b', "again": %d}' % again if again else held[2]
    path = folder.find(ident)
    return folder.whole(path, again) if path else None
