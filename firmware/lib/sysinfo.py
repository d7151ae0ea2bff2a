"""How the board is doing, see "Vital signs" of docs/protocol.md: the module `sysinfo`.

Config: `topic`, by default the board's prefix and /sysinfo; `interval`, seconds between messages.
"""

import asyncio
import gc
import json
import logging
import os
import sys
from time import ticks_diff, ticks_ms

import board
import crash
import log_lines
from crash import alive
from micropython import const

log = logging.getLogger("sysinfo")

_INTERVAL = const(60)
_LONGEST = const(86400)  # seconds
_STEP = const(25)  # ms: a hold of the loop is measured to be shorter by up to that
_PROBED = const(32768)  # bytes: what is larger is never needed in one piece
_FILES = const(60)  # seconds for which the file system's size is believed: to count takes a while

_configured = _INTERVAL
_interval = _INTERVAL
_said = 0  # ticks of the last message
_held = 0
_files = None
_counted = 0


def setting(*to):
    """The interval; with an argument it is set before, with None as configured."""
    global _interval
    if to:
        seconds = _configured if to[0] is None else None
        if isinstance(to[0], dict):
            seconds = to[0].get("interval", _configured)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise ValueError('expected seconds such as {"interval": 10}, not %r' % (to[0],))
        if not 0 <= seconds <= _LONGEST:
            raise ValueError("expected 0 to %d seconds" % _LONGEST)
        _interval = seconds
    return {"interval": _interval}


async def _watch(client, topic):
    """Measures how long the loop is held by how late it wakes."""
    global _held, _said
    _said = ticks_ms()
    due = True
    while True:
        if due and client.isconnected():
            due = False
            _said = ticks_ms()
            try:
                await client.publish(topic, json.dumps(signs(client)))
                _held = 0
            except MemoryError:
                gc.collect()
        before = ticks_ms()
        await asyncio.sleep_ms(_STEP)
        now = ticks_ms()
        _held = max(_held, ticks_diff(now, before) - _STEP)
        if not _interval:
            _said = now
        # It stays so in an outage of weeks, in which the ticks wrap.
        due = _interval and (due or ticks_diff(now, _said) >= _interval * 1000)


def signs(client):
    """The message as a dict; without what this board has no means to find."""
    gc.collect()
    free = gc.mem_free()
    found = {
        "up": alive.uptime(),
        "free": free,
        "cont_free": _largest(free),
        "mqtt_conn": client.connects,
        "loop_ms": _held,
        "log_said": log_lines.said,
        "log_lost": log_lines.lost,
    }
    for key in ("boot", "boots", "mode"):
        if key in crash.facts:
            found[key] = crash.facts[key]
    for add in (_idf, _file_system, _wifi, _temperature):
        try:
            add(found)
        except (ImportError, OSError, AttributeError, ValueError):
            pass
    return found


def _largest(free):
    """Bytes of the largest piece, found by trying; in steps, as each miss costs a collection."""
    if hasattr(gc, "mem_maxfree"):
        return gc.mem_maxfree()
    low, high = 0, min(free, _PROBED)
    size = high
    while high - low > 1024:
        try:
            bytearray(size)
            low = size
        except MemoryError:
            high = size
        size = (low + high) // 2
    if low and sys.platform == "esp32":
        gc.collect()  # gives back what the heap was made larger by
    return low


def _idf(found):
    from esp32 import HEAP_DATA, idf_heap_info

    regions = idf_heap_info(HEAP_DATA)
    found["idf_free"] = sum([region[1] for region in regions])
    found["idf_largest"] = max([region[2] for region in regions])
    found["idf_lowest"] = sum([region[3] for region in regions])


def _file_system(found):
    global _files, _counted
    if not _files or alive.uptime() - _counted >= _FILES:
        _files = os.statvfs("/")
        _counted = alive.uptime()
    found["fs_total"] = _files[1] * _files[2]
    found["fs_free"] = _files[0] * _files[3]


def _wifi(found):
    from network import STA_IF, WLAN

    wlan = WLAN(STA_IF)
    if wlan.isconnected():
        found["ip"] = wlan.ifconfig()[0]
        found["rssi"] = wlan.status("rssi")


def _temperature(found):
    if sys.platform == "rp2":
        from machine import ADC

        volts = ADC(getattr(ADC, "CORE_TEMP", 4)).read_u16() * 3.3 / 65535
        celsius = 27 - (volts - 0.706) / 0.001721
    else:
        import esp32

        if hasattr(esp32, "mcu_temperature"):
            celsius = esp32.mcu_temperature()
        else:
            celsius = (esp32.raw_temperature() - 32) / 1.8
    found["temp"] = round(celsius, 1)


def _default_topic():
    found = getattr(board, "mqrepl_config", None) or getattr(board, "mqrepl", None) or {}
    prefix = found.get("prefix", "").rstrip("/")
    return (prefix[:-4] if prefix.endswith("/mqb") else prefix) + "/sysinfo"


def start(mqtt, config):
    global _configured
    _configured = config.get("interval", _INTERVAL)
    setting(None)
    topic = config.get("topic") or _default_topic()

    async def connected():
        asyncio.create_task(_watch(mqtt.client, topic))

    mqtt.on_init(connected())
