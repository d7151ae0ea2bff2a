"""Makes a report whole and puts it into the flash."""

import json
import sys

import log_lines
from micropython import const

from . import alive

_MOST = const(3000)  # bytes of a report
_LOG = const(1024)  # bytes of log lines


def write(report, key):
    """The id by which it is in the flash: its own, or of the same before. None: nowhere."""
    crash = sys.modules["crash"]
    same = _same(crash, key, report["id"])
    if same:
        return same
    if "log" not in report:
        _complete(crash, report)
    while len(json.dumps(report)) > _MOST and report["log"]:
        report["log"].pop(0)
    ident = report["id"]
    now = alive.uptime()
    folder = crash.occasional("folder")
    if not folder.add(report, key, (now - crash.spent) / 3600):
        return None
    crash.spent = now
    crash.unseen[:] = [entry[1] for entry in folder.entries() if not entry[2]]
    alive.again = 0
    return ident


def _same(crash, key, ident):
    """The id of a report of this that is not seen yet: it need not be written once more."""
    for held in alive.held:
        if held[0] == key and held[1] != ident:
            return held[1]
    if crash.unseen:
        folder = crash.occasional("folder")
        try:
            if folder.head(folder.find(crash.unseen[0]))["key"] == key:
                return crash.unseen[0]
        except (OSError, ValueError, TypeError, KeyError):
            pass  # it has gone, or is spoilt
    return None


def _complete(crash, report):
    for name in ("fw", "mpy"):
        if name in crash.facts:
            report[name] = crash.facts[name]
    if alive.boots:
        report["boots"] = alive.boots
    common = crash.occasional("common")
    now = common.clock()
    if now:
        report["time"] = now
    if log_lines.zone:
        report["zone"] = log_lines.zone
    report["log"] = [common.decoded(line) for line in log_lines.recent(_LOG)]
