"""Sets the clock over NTP, without blocking but for the look-up of the name."""

import asyncio
import socket
import struct
import time

_PORT = 123
_EPOCH = 2208988800  # seconds from 1900 to 1970
_WAIT = 2000  # ms for one answer
_TRIES = 3


async def set_clock(c, log):
    """Sets the clock; says so in the log when it cannot be set, and leaves it at that."""
    host = c["ntp_host"]
    if not host:
        return
    host, _, port = host.partition(":")
    for _ in range(_TRIES):
        try:
            seconds = await _ask(host, int(port or _PORT))
        except OSError as e:
            log.warning("NTP: %s: %s", host, e)
            await asyncio.sleep_ms(500)
            continue
        if seconds:
            _set(seconds, log)
            return
        log.warning("NTP: no answer from %s", host)
    log.error("the clock is not set: certificates cannot be judged")


async def _ask(host, port):
    """Seconds since 1970, or None when no answer came in time."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.setblocking(False)
        query = bytearray(48)
        query[0] = 0x1B
        s.sendto(query, socket.getaddrinfo(host, port)[0][-1])
        for _ in range(_WAIT // 50):
            await asyncio.sleep_ms(50)
            try:
                answer = s.recv(48)
            except OSError:
                continue
            # Of a server (mode 4) that knows the time itself (stratum above 0).
            if len(answer) == 48 and answer[0] & 7 == 4 and answer[1]:
                seconds = struct.unpack("!I", answer[40:44])[0]
                # Since 7 February 2036 the count begins again.
                return seconds - _EPOCH + (0 if seconds & 0x80000000 else 1 << 32)
        return None
    finally:
        s.close()


def _set(seconds, log):
    from machine import RTC

    if time.gmtime(0)[0] == 2000:
        seconds -= 946684800
    y, m, d, hour, minute, second, weekday, _ = time.gmtime(seconds)[:8]
    RTC().datetime((y, m, d, weekday, hour, minute, second, 0))
    log.info(
        "clock set over NTP: %04d-%02d-%02d %02d:%02d:%02d UTC", y, m, d, hour, minute, second
    )
