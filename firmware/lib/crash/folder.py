"""Crash reports in the flash: the folder /crashes holds the newest four.

A file is named <number>-<id>, and gets "-seen" appended once a host has it. It has three lines of
JSON: what the store needs; the report without the long keys; those, `trace` and `log`.
"""

import json
import os

from micropython import const

FOLDER = "/crashes"
_NEW = FOLDER + "/.new"
_NOTE = FOLDER + "/note"
_NOTED = FOLDER + "/noted"  # the same, once boot.py has read it
_KEPT = const(4)
_WRITES = const(8)  # so many at once; each hour of uptime gives one back


def entries():
    """(number, id, whether a host has it, path) of each report, newest first."""
    found = []
    try:
        names = os.listdir(FOLDER)
    except OSError:
        return found
    for name in names:
        number, _, ident = name.partition("-")
        ident, _, seen = ident.partition("-")
        if ident and number.isdigit():
            found.append((int(number), ident, seen == "seen", FOLDER + "/" + name))
    found.sort(reverse=True)
    return found


def find(ident):
    """The path of a report, or None."""
    for entry in entries():
        if entry[1] == ident:
            return entry[3]
    return None


def head(path):
    with open(path) as file:
        return json.loads(file.readline())


def brief(path):
    """A report for the list of them."""
    with open(path) as file:
        line = json.loads(file.readline())
        found = json.loads(file.readline())
    found["text"] = line["text"]
    return found


def whole(path, again):
    """A report as it is published, with how often it came again."""
    with open(path, "rb") as file:
        file.readline()
        first = file.readline().rstrip()
        rest = file.readline().rstrip()
    count = b', "again": %d, ' % again if again else b", "
    return first[:-1] + count + rest[1:] if len(rest) > 2 else first[:-1] + count[:-2] + b"}"


def add(report, key, hours):
    """Writes a report; `hours` of uptime since the last one. False where too many were written."""
    found = entries()
    left = _WRITES
    if found:
        try:
            left = min(left, head(found[0][3])["left"] + hours)
        except (OSError, ValueError, KeyError):
            pass
    if left < 1:
        return False
    trace = report.pop("trace", "")
    rest = {"log": report.pop("log", [])}
    if trace:
        rest["trace"] = trace
    line = {"key": key, "left": left - 1, "text": trace.rstrip("\n").split("\n")[-1]}
    try:
        os.mkdir(FOLDER)
    except OSError:  # as a rule it is there
        pass
    number = found[0][0] + 1 if found else 1
    try:
        _write(number, report["id"], line, report, rest)
    except OSError:
        if not found:
            raise
        os.remove(found.pop()[3])  # no room: rather this one than the oldest
        _write(number, report["id"], line, report, rest)
    # Of those that are too many the seen ones go first.
    found.sort(key=lambda entry: (not entry[2], entry[0]))
    while len(found) >= _KEPT:
        os.remove(found.pop(0)[3])
    return True


def _write(number, ident, *lines):
    with open(_NEW, "w") as file:
        for line in lines:
            file.write(json.dumps(line))
            file.write("\n")
    os.rename(_NEW, "%s/%04d-%s" % (FOLDER, number, ident))


def recover():
    """Completes the report that the end of a boot has interrupted, if it was all there."""
    try:
        with open(_NEW) as file:
            lines = [json.loads(file.readline()) for _ in range(3)]
    except (OSError, ValueError):
        return
    found = entries()
    if find(lines[1]["id"]):
        return
    os.rename(_NEW, "%s/%04d-%s" % (FOLDER, found[0][0] + 1 if found else 1, lines[1]["id"]))


def mark_seen(ident):
    """True where there is a report of this id."""
    path = find(ident)
    if path and not path.endswith("-seen"):
        os.rename(path, path + "-seen")
    return path is not None


def leave(state, reason):
    """The reason of the reset that follows, on a chip that can keep it nowhere else."""
    try:
        os.mkdir(FOLDER)
    except OSError:
        pass
    with open(_NOTE, "w") as file:
        json.dump((state, reason), file)


def left():
    """What `leave` was told in the boot before, or None."""
    found = None
    for path in (_NOTED, _NOTE):
        try:
            with open(path) as file:
                found = json.load(file)
        except (OSError, ValueError):
            continue
        os.remove(path)
    return found
