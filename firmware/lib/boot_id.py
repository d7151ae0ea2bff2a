"""The random number of this boot, 30 bits: log lines, commands and crash reports carry it."""

from random import getrandbits

number = getrandbits(30)
