"""Wi-Fi for mqtt_async: joined when it is down, bounced when TCP alone does not help."""

import asyncio

from micropython import const

_JOIN = const(20)  # seconds until a try to join is given up
_TRIES = const(4)  # failed connections to the broker before Wi-Fi is suspected


async def up(c, log, fails):
    """Returns when Wi-Fi is up, at once on a board without; OSError when it could not be joined.

    `fails`: how many tries in a row did not reach the broker.
    """
    try:
        from network import STA_IF, WLAN
    except ImportError:
        return
    wlan = WLAN(STA_IF)
    # Bounced after 4, 8, 16, 32 ... failures: it disturbs whatever else uses the network.
    if wlan.isconnected() and (fails < _TRIES or fails & (fails - 1)):
        return
    if wlan.active():
        if wlan.isconnected():
            log.warning("Wi-Fi is bounced: %d connections failed", fails)
        wlan.disconnect()
        if fails:
            wlan.active(False)
        # An esp32 that is told to join again at once can stay at status 202 for ever.
        await asyncio.sleep(1)
    if not wlan.active():
        _name(c)
        wlan.active(True)
    log.info("joining Wi-Fi %s", c["ssid"])
    try:
        # Power save delays what arrives by up to a beacon interval, and more.
        wlan.config(pm=0xA11140 if _is_rp2() else getattr(wlan, "PM_NONE", 0))
    except (ValueError, OSError, TypeError):
        pass
    wlan.connect(c["ssid"], c["wifi_pw"])
    for _ in range(_JOIN * 10):
        if wlan.isconnected():
            log.info("Wi-Fi joined, address %s", wlan.ifconfig()[0])
            return
        await asyncio.sleep_ms(100)
    raise OSError("Wi-Fi %s was not joined (status %s)" % (c["ssid"], wlan.status()))


def _is_rp2():
    import sys

    return sys.platform == "rp2"


def _name(c):
    """Names the board on the network; only possible before the interface is active."""
    if c["hostname"]:
        import re

        import network

        try:
            network.hostname(re.sub("[^a-zA-Z0-9-]", "-", c["hostname"])[:32])
        except (AttributeError, ValueError):
            pass
