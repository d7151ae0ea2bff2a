"""Keeps the clock in step with an NTP server, and log lines in local time: the module `sntp`.

Config: `host`; `interval`, seconds; `offset`, minutes ahead of UTC, or `tz`, a rule as in POSIX
("CET-1CEST,M3.5.0,M10.5.0/3"). The original's names `zone` and `poll` are understood, too.
"""

import asyncio
import logging
import sys
import time

import log_lines
from micropython import const
from mqtt_async import ntp

log = logging.getLogger("sntp")

_INTERVAL = const(1024)  # seconds
_RETRY = const(15)
_LONGEST = const(86400)
_STEP = const(100)  # ms that the clock may be off: to move it disturbs who measures by it
_PATIENCE = const(3)  # failures until the name is looked up again, which holds the loop
_SET = const(1704067200000)  # a clock that is set is behind the beginning of 2024


class Zone:
    """Of which the times of log lines are."""

    def __init__(self, offset, rule):
        self._rule = rule
        self._until = 0
        log_lines.zone = offset
        self.renew()

    def renew(self, stepped=False):
        """Follows the clock, which may have been moved. True when the times of log lines have."""
        now = ntp.now() // 1000
        if not self._rule or now < self._until and not stepped:
            return False
        import tz_rule

        del sys.modules["tz_rule"]
        try:
            minutes, self._until = tz_rule.offset(self._rule, now)
        except ValueError as e:
            log.error("sntp.tz: %s; log times are UTC", e)
            self._rule = None
            return False
        moved = log_lines.zone != minutes
        log_lines.zone = minutes
        return moved

    def pause(self, seconds):
        """At most so many seconds, fewer where the zone changes before."""
        if self._rule:
            return max(1, min(seconds, self._until - ntp.now() // 1000))
        return seconds


async def _keep(client, host, interval, zone):
    address = None
    fails = 0
    while True:
        pause = min(interval, _RETRY << min(fails, 6))
        was_set = ntp.now() > _SET
        stepped = False
        if client.isconnected():
            try:
                address = address or ntp.look_up(host)
                ms = await ntp.offset(address)
                problem = "no answer"
            except (OSError, ValueError) as e:
                ms = None
                problem = e
            if ms is None:
                fails += 1
                if fails == 1:
                    log.warning("%s: %s", host, problem)
                if fails % _PATIENCE == 0:
                    address = None
            else:
                fails = 0
                pause = interval
                if abs(ms) >= _STEP:
                    await ntp.step(ms)
                    stepped = True
                    _tell(ms, was_set)
        if zone.renew(stepped) or not was_set and ntp.now() > _SET:
            await _announce(client)
        await asyncio.sleep(zone.pause(pause))


def _tell(ms, was_set):
    if was_set:
        log.log(logging.INFO if abs(ms) < 1000 else logging.WARNING, "clock moved by %d ms", ms)
    else:
        log.info("clock set: %04d-%02d-%02d %02d:%02d:%02d UTC", *time.gmtime()[:6])


async def _announce(client):
    """The birth message says how log times are to be read."""
    presence = sys.modules.get("presence")
    if presence and presence.present and client.isconnected():
        await presence.present.changed(True)


def start(mqtt, config):
    host = config.get("host") or "pool.ntp.org"
    interval = config.get("interval") or config.get("poll") or _INTERVAL
    seconds = min(max(_RETRY, interval), _LONGEST)
    zone = Zone(config.get("offset") or 0, config.get("tz") or config.get("zone"))

    async def connected():
        asyncio.create_task(_keep(mqtt.client, host, seconds, zone))

    mqtt.on_init(connected())
