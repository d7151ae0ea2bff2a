# Time and heap of one log line, and of one print of the same text, in turns.
# Argument: how many runs.
import gc
import json
import sys
import time

import log_lines
import logging

LINES = 200
TEXT = "line %d, as long as a line of the log usually is"
PRINTED = "I 12:34:56.789    bench: line %d, as long as a line of the log usually is"

log = logging.getLogger("bench")
ring = log_lines.ring


def printed():
    for i in range(LINES):
        print(PRINTED % i)


def logged():
    for i in range(LINES):
        log.info(TEXT, i)


def unseen():
    for i in range(LINES):
        log.debug(TEXT, i)


def delivered():
    for i in range(LINES):
        log.info(TEXT, i)
        ring.next()
        ring.acknowledge()


def empty():
    while ring.next():
        ring.acknowledge()


def cost(work):
    """(µs, bytes allocated) of one line."""
    empty()
    time.sleep_ms(30)  # the reader of the console catches up
    gc.collect()
    gc.disable()
    free = gc.mem_free()
    start = time.ticks_us()
    work()
    took = time.ticks_diff(time.ticks_us(), start)
    used = free - gc.mem_free()
    gc.enable()
    return took / LINES, used / LINES


def levels(console, broker):
    log._console, log._broker = console, broker
    log._lowest = min(console, broker)


ring.numbered = True
log_lines.bound(2048)
for run in range(int(sys.argv[1])):
    levels(20, 255)
    figures = {"print": cost(printed), "console": cost(logged), "unseen": cost(unseen)}
    levels(255, 20)
    figures["broker"] = cost(delivered)
    figures["outage"] = cost(logged)  # the ring is full, each line drops one
    levels(20, 20)
    figures["both"] = cost(delivered)
    print("figures", run, json.dumps(figures))
print("ready")
