"""An image that is whole is chosen for the next boot, on trial."""

from micropython import const
from mqrepl.reply import Failure
from watchdog import occasional

from . import progress
from .image import digest
from .slots import HEAD, check, label, slots

_VERSION = const(48)  # where the version is in an app's head: 32 bytes, padded with zeros


async def begin(reply, head, body):
    """The step `try`: the board restarts half a second after its reply."""
    ident = head["id"]
    if not isinstance(ident, str) or not 0 < len(ident) <= 40:
        raise ValueError("id")
    if on_trial().get("id") != ident:  # else the reply to it was lost
        known = progress.load()
        if known.get("sha") != head["sha"] or "at" not in known:
            raise Failure("corrupt", "this image is not on the board, write it first")
        check_free()
        version = await choose(known["sha"], known["size"], ident, head.get("version"))
        occasional("restart").restart("normal", "to try image " + version)
    reply.result({})


async def choose(sha, size, ident, version=None):
    """Failure unless the partition holds the image that has this SHA-256. Returns its version."""
    running, free = slots()
    start = await verified(sha, size, running, free)
    if not version:
        version = bytes(start[_VERSION : _VERSION + 32]).split(b"\0")[0].decode()
    boot = occasional("boot_state")
    state = boot.load()
    state["trial"] = {
        "id": ident,
        "what": "image",
        "version": version[:40],
        "step": "swap",
        "from": label(running),
        "to": label(free),
    }
    for key in ("bad", "safe", "once"):  # which say nothing of what comes now
        state.pop(key, None)
    boot.save(state)
    try:
        free.set_boot()
    except OSError as e:
        del state["trial"]
        boot.save(state)
        progress.discard()
        raise Failure("corrupt", "the chip does not take this image: %r" % e)
    return version


async def verified(sha, size, running, free):
    """Failure unless `free` holds this image, and it is one for this board. Returns its head."""
    if await digest(free, size) != sha:
        progress.discard()
        raise Failure("corrupt", "what the partition holds is not the image, try again")
    start = bytearray(HEAD)
    free.readblocks(0, start, 0)
    check(start, size, running, free)
    return start


def on_trial():
    """What is on trial, or is about to be; empty where nothing is."""
    return occasional("boot_state").load().get("trial") or {}


def check_free():
    """Failure where something is on trial: what it falls back to must stay."""
    trial = on_trial()
    if trial:
        words = "%s %s is on trial: wait, or confirm or undo it"
        raise Failure("trial", words % (trial.get("what"), trial.get("version")))
