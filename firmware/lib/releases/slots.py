"""Where a slot keeps what: /release/<slot>/, and what the plan of its last update says."""

import asyncio
import json
import os
import sys

from mqrepl.files.paths import kind
from mqrepl.reply import Failure

SLOTS = ("framework", "app", "config")
ROOT = "/release/"


def folder(slot):
    """The folder of a slot, with a / at its end."""
    if slot not in SLOTS:
        raise Failure("bad", "slot is none of " + ", ".join(SLOTS))
    return ROOT + slot + "/"


def head(path):
    """The first line of a manifest; {} where there is none."""
    try:
        with open(path) as file:
            found = json.loads(file.readline())
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def files(path):
    """(SHA-256, size, path) of each file; nothing where there is no manifest."""
    try:
        file = open(path)  # noqa: SIM115 - closed below
    except OSError:
        return
    try:
        file.readline()
        for line in file:
            sha, size, name = line.rstrip("\n").split(" ", 2)
            yield sha, int(size), name
    finally:
        file.close()


def names(path):
    """What is in a folder; nothing where there is none."""
    try:
        return os.listdir(path)
    except OSError:
        return []


def plan(base):
    """(op, number, path) of each line."""
    try:
        with open(base + "plan") as file:
            for line in file:
                op, number, path = line.rstrip("\n").split(" ", 2)
                yield op, number, path
    except OSError:
        pass


def other(base):
    """(whether a swap would go forward, the manifest that it would bring or None); None: no plan.

    The manifest's own line tells: while it waits in new/ the plan is not carried out.
    """
    for op, number, path in plan(base):
        if path == base + "now":
            new = base + "new/" + number
            if kind(new):
                return True, new
            return False, base + "old/" + number if op == "r" else None
    return None


def boot():
    """Loads and saves the state that says what is on trial. It does not stay in memory."""
    import __main__
    import boot_state

    del sys.modules["boot_state"]
    if not hasattr(__main__, "undone"):
        raise Failure("needs", "the boot.py of this board knows no releases: put a new one first")
    return boot_state


def words(trial):
    """What is on trial, for a sentence."""
    return ("%s %s" % (trial.get("what"), trial.get("version") or "")).strip()


def refuse_trial(state):
    trial = state.get("trial")
    if trial:
        sentence = "%s is on trial: wait, or confirm or undo it" % words(trial)
        raise Failure("trial", sentence)


async def clear(path):
    """Removes the files in a folder."""
    for name in names(path):
        os.remove(path + "/" + name)
        await asyncio.sleep_ms(0)


def part(number, sha):
    """Name of a staged file that is not whole."""
    return "%d-%s" % (number, sha[:16])
