"""The steps `undo` and `drop`."""

import os

from mqrepl.files.paths import kind
from mqrepl.reply import Failure

from . import slots
from .trying import note, restart


async def run(step, reply, command):
    base = slots.folder(command["slot"])
    if step == "drop":
        await _drop(base)
    else:
        _undo(command["slot"], base, command)
    reply.result({})


async def _drop(base):
    slots.refuse_trial(slots.boot().load())
    if kind(base + "next"):
        os.remove(base + "next")
    found = slots.other(base)
    if not found or not found[0]:  # else what is in new/ is a release that was undone
        await slots.clear(base + "new")


def _undo(slot, base, command):
    boot = slots.boot()
    state = boot.load()
    trial = state.get("trial")
    if trial:
        if trial["what"] != slot:
            slots.refuse_trial(state)
        trial["step"] = "undo"
        trial["why"] = str(command.get("why") or "asked for")[:80]
        boot.save(state)
        restart("to undo %s" % slots.words(trial))
        return
    found = slots.other(base)
    if not found or found[0]:  # what was undone is never brought back by an undo
        raise Failure("missing", "there is no release before the one in %s to go back to" % slot)
    path = found[1]
    version = slots.head(path).get("version", "") if path else ""
    note(command["id"], slot, version, "back")
