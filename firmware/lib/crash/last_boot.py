"""What became of the boot before, out of its note and of what the chip knows."""

import logging
import sys
from binascii import crc32
from struct import unpack_from

import log_lines
import machine

from . import alive

VERSION = "0.1.0"  # of the framework

log = logging.getLogger("main")


def tell(crash):
    """Fills in the birth message, and reports what could not report itself."""
    facts = crash.facts
    facts["fw"] = VERSION
    facts["mpy"] = ".".join([str(part) for part in sys.implementation[1][:3]])
    facts["machine"] = getattr(sys.implementation, "_machine", sys.platform)
    facts["id"] = machine.unique_id().hex()
    facts["cause"] = cause = _cause()
    folder = crash.occasional("folder")
    common = crash.occasional("common")
    in_rtc = _in_rtc(common)
    in_nvs = _in_nvs(crash, common)
    note = in_rtc or in_nvs
    noted = note and (note["state"], note["words"])
    state, words = folder.left() or noted or (alive.RUNNING, "")
    facts["reset"] = reset = _reset(cause, state)
    if state != alive.RUNNING and reset in ("intended", "crash", "sleep"):
        facts["reason"] = words
    if note:
        facts["last"] = note["last"]
        if note is in_nvs:
            facts["last"]["rough"] = True
    folder.recover()
    crash.unseen[:] = [entry[1] for entry in folder.entries() if not entry[2]]
    if note:
        _restore(crash, folder, note)
    log_lines.ring.heard = alive.line
    alive.write()
    _say(reset, words, facts.get("last"))
    if note and reset in ("hang", "unexplained"):
        _report(crash, reset, note)


def _cause():
    cause = machine.reset_cause()
    for name in ("PWRON", "HARD", "WDT", "DEEPSLEEP", "SOFT"):
        if getattr(machine, name + "_RESET", None) == cause:
            return name
    return "unknown"


def _reset(cause, state):
    if cause == "PWRON":
        return "power"
    if cause == "SOFT":
        return "soft"
    if cause == "DEEPSLEEP":
        return "sleep"
    if state != alive.RUNNING:
        return "crash" if state == alive.CRASHED else "intended"
    return {"WDT": "hang", "HARD": "unexplained"}.get(cause, "unknown")


def _in_rtc(common):
    """The note there, or None. Where the place is free or ours it is this boot's from now on."""
    try:
        rtc = machine.RTC()
        found = rtc.memory()
    except (AttributeError, TypeError, OSError):  # the chip has none
        return None
    if found and not found.startswith(alive.MAGIC):
        return None  # somebody's own data
    alive.rtc = rtc
    alive.note = bytearray(alive.HEAD + alive.RING)
    return _read(common, found) if len(found) >= alive.HEAD + alive.RING else None


def _in_nvs(crash, common):
    """The note there, or None. Counts this boot, and puts its own note there."""
    try:
        from esp32 import NVS
    except ImportError:
        return None
    found = bytearray(alive.HEAD)
    boots = 0
    try:
        space = alive.space = NVS("mqboard")
        boots = space.get_i32("boots")
        space.get_blob("note", found)
    except OSError:  # not there yet
        pass
    alive.boots = boots + 1
    if crash.occasional("ending").save():
        crash.facts["boots"] = alive.boots
    note = _read(common, found)
    # A note that the last boot could not write is of an earlier one.
    return note if note["boots"] == boots and found.startswith(alive.MAGIC) else None


def _read(common, data):
    boot, boots, up, said, acked, again, at, crashes, state = unpack_from(alive.NUMBERS, data, 4)
    ring = bytes(data[alive.HEAD : alive.HEAD + alive.RING])
    return {
        "last": {"boot": boot, "up": up, "said": said, "acked": acked},
        "boots": boots,
        "again": again,
        "crashes": crashes,
        "state": state & 127,  # the rest is boot.py's
        "words": common.words(data),
        "lines": [common.decoded(line) for line in _lines(ring[at:] + ring[:at])],
        "held": bytes(data[alive.HEAD + alive.RING :]),
    }


def _lines(ring):
    whole = ring.lstrip(b"\0")
    # Where the ring is full the oldest line is cut.
    return whole.split(b"\n")[len(whole) == len(ring) : -1]


def _restore(crash, folder, note):
    """Reports that are not in the flash, and how often what was written came again."""
    import json

    if crash.unseen:
        alive.again = alive.counts[crash.unseen[0]] = note["again"]
    for line in reversed(note["held"].split(b"\n")):
        try:
            key, again, report = line.split(b" ", 2)
            ident = json.loads(report)["id"]
            key, again = int(key), int(again)
        except (ValueError, KeyError):
            continue
        if not folder.find(ident):
            alive.held.append((key, ident, report))
            alive.counts[ident] = again
    if alive.held:
        crash.occasional("reporting").keep()


def _say(reset, words, last):
    if not last:
        log.info("this start: %s", reset)
        return
    how = reset
    if words and reset in ("intended", "crash"):
        how += " (%s)" % words
    elif words:
        how += " during '%s'" % words
    lost = last["said"] - last["acked"]
    log.log(
        20 if reset in ("intended", "soft", "sleep") else 30,
        "the last boot ended after %d s%s: %s%s",
        last["up"],
        " or more" if last.get("rough") else "",
        how,
        "; %d log lines may be lost with it" % lost if lost > 0 else "",
    )


def _report(crash, kind, note):
    last = note["last"]
    report = {"id": "%x.%d" % (last["boot"], note["crashes"] + 1), "kind": kind}
    report["up"] = last["up"]
    report["restarted"] = True
    if note["boots"]:
        report["boots"] = note["boots"]
    if note["words"]:
        report["doing"] = note["words"]
    reporting = crash.occasional("reporting")
    held = reporting.hold(crc32((kind + note["words"]).encode()), report)
    alive.write()
    report["log"] = note["lines"]
    reporting.store(held, report)
