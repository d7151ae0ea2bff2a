"""Sets the clock over NTP, without blocking but for the look-up of the name."""

import asyncio
import socket
import sys
import time
from random import getrandbits
from struct import unpack_from

_PORT = 123
_EPOCH = 2208988800  # seconds from 1900 to 1970
_ERA = 4294967296  # since 7 February 2036 the count begins again
_WAIT = 2000  # ms for one answer
_TRIES = 3
_2000 = 946684800 if time.gmtime(0)[0] == 2000 else 0


def now():
    """Milliseconds since 1970."""
    return time.time_ns() // 1000000 + _2000 * 1000


def look_up(host):
    """The address of "host" or "host:port", to be kept: this blocks. OSError."""
    host, _, port = host.partition(":")
    return socket.getaddrinfo(host, int(port or _PORT))[0][-1]


async def offset(address):
    """Milliseconds that the clock is behind the server's, or None without a valid answer."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.setblocking(False)
        query = bytearray(48)
        query[0] = 0x1B
        for i in range(40, 48):
            query[i] = getrandbits(8)  # the answer repeats them
        sent = time.ticks_ms()  # not the clock: somebody may move it meanwhile
        s.sendto(query, address)
        pause = 5
        waited = 0
        while waited < _WAIT:
            await asyncio.sleep_ms(pause)
            waited += pause
            try:
                answer = s.recv(48)
            except OSError:
                pause += (pause >> 2) + 1
                continue
            took = time.ticks_diff(time.ticks_ms(), sent)
            # Of a server (mode 4) that is in step (leap) and knows the time (stratum).
            if (
                len(answer) == 48
                and answer[24:32] == query[40:48]
                and answer[0] & 7 == 4
                and answer[0] < 0xC0
                and 0 < answer[1] < 16
            ):
                came, went = _ms(answer, 32), _ms(answer, 40)
                return went + (took - (went - came)) // 2 - now()
        return None
    finally:
        s.close()


def _ms(answer, at):
    seconds, fraction = unpack_from("!II", answer, at)
    return (seconds - _EPOCH + (0 if seconds & 0x80000000 else _ERA)) * 1000 + (
        fraction * 1000 >> 32
    )


async def step(ms):
    """Moves the clock."""
    from machine import RTC

    if sys.platform == "rp2":  # its clock is set to whole seconds
        await asyncio.sleep_ms(1000 - (now() + ms) % 1000)
    ms += now()
    y, m, d, hour, minute, second, weekday, _ = time.gmtime(ms // 1000 - _2000)[:8]
    RTC().datetime((y, m, d, weekday, hour, minute, second, ms % 1000 * 1000))


async def set_clock(c, log):
    """Sets the clock; says so in the log when it cannot be set, and leaves it at that."""
    host = c["ntp_host"]
    if not host:
        return
    for _ in range(_TRIES):
        try:
            ms = await offset(look_up(host))
        except OSError as e:
            log.warning("NTP: %s: %s", host, e)
            await asyncio.sleep_ms(500)
            continue
        if ms is not None:
            await step(ms)
            log.info("clock set over NTP: %04d-%02d-%02d %02d:%02d:%02d UTC", *time.gmtime()[:6])
            return
        log.warning("NTP: no answer from %s", host)
    log.error("the clock is not set: certificates cannot be judged")
