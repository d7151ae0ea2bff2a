"""The RTC's memory: with the thread around the interpreter, which passes it on as a whole."""

from _host import rtcRead, rtcSize, rtcWrite
from uctypes import addressof


def read():
    data = bytearray(rtcSize())
    rtcRead(addressof(data))
    return bytes(data)


def write(data):
    rtcWrite(addressof(data), len(data))
