"""Decides what this boot runs: what the board has, something new on trial, or the safe copy.

It depends on nothing else that is on the board, and is part of no update. What it decides from is
one small JSON object in NVS, or in /boot.state where there is none: see docs/firmware.md, Boot.

Leaves in __main__: `mode` ("normal", "trial" or "safe"), `why` (of safe mode), `safemode` (bool),
`state`, `undone` (whether this boot has undone an update) and `dog`, the watchdog or None.
"""

import gc
import io
import json
import os
import sys

import machine

_STATE = "/boot.state"
_PACK = "/safemode/pack"
_SECONDS = 300  # of the watchdog, until the configuration says otherwise
_LONGEST = 86400  # seconds
_LARGEST = 1024  # bytes of the state
_UNDOS = 3  # boots that try to move the files back
_READ = 128  # bit of the note's state: an earlier boot has read it

mode, why, safemode, state, undone, dog = "normal", "", False, {}, False, None


def load():
    """The state; empty where there is none or it is spoilt."""
    try:
        try:
            from esp32 import NVS

            text = bytearray(_LARGEST)
            text = text[: NVS("mqboard").get_blob("state", text)]
        except ImportError:
            with open(_STATE, "rb") as file:
                text = file.read(_LARGEST)
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def save(state):
    """OSError where the flash does not take it: then what was before still holds."""
    text = json.dumps(state).encode()
    try:
        from esp32 import NVS

        space = NVS("mqboard")
        space.set_blob("state", text)
        space.commit()
    except ImportError:
        with open(_STATE + ".new", "wb") as file:
            file.write(text)
        os.rename(_STATE + ".new", _STATE)


def died(exception):
    """Leaves the last words of a boot that cannot even report its end."""
    try:
        state = load()
        state["died"] = repr(exception)[:80]
        save(state)
    except OSError:
        pass


def swap(slot, forward):
    """Carries out the plan of a slot: what is new goes in place, or what was before comes back.

    May be cut short anywhere, and done again: each line moves what is still to be moved. OSError
    or ValueError where one of them cannot be moved; the others are moved all the same.
    """
    base = "/release/" + slot
    for folder in ("/new", "/old"):
        _make_folder(base + folder)
    failed = None
    with open(base + "/plan") as plan:
        for line in plan:
            try:
                _move(base, line, forward)
            except (OSError, ValueError) as e:
                failed = failed or e
            if dog:
                dog.feed()
    if failed:
        raise failed


def _move(base, line, forward):
    op, n, path = line.rstrip("\n").split(" ", 2)
    come, go = base + "/new/" + n, base + "/old/" + n
    if not forward:
        come, go = go, come
    arrives = op != ("d" if forward else "a")
    leaves = op != ("a" if forward else "d")
    there = arrives and _exists(come)
    if leaves and there == arrives and _exists(path) and not _exists(go):
        os.rename(path, go)
        _tidy(path)
    if not there:
        return
    _make_folder(path.rsplit("/", 1)[0])
    try:
        os.rename(come, path)
    except OSError as e:
        if e.errno != 17:  # EEXIST: FAT replaces nothing
            raise
        os.remove(path)
        os.rename(come, path)


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _make_folder(path):
    if path and not _exists(path):
        _make_folder(path.rsplit("/", 1)[0])
        os.mkdir(path)


def _tidy(path):
    """Removes the folders above that have become empty."""
    try:
        while path.rfind("/") > 0:
            path = path.rsplit("/", 1)[0]
            os.rmdir(path)
    except OSError:
        pass


class _Bridged:
    """The watchdog of a chip whose own waits for 8 s at most: a timer feeds it, for so long."""

    def __init__(self, seconds):
        self._most = self._left = seconds
        self._chip = machine.WDT(timeout=8000)
        # Kept: a timer that nothing refers to ends with the next collection.
        self._timer = machine.Timer(-1, period=1000, callback=self._tick)

    def _tick(self, timer):
        if self._left > 0:
            self._left -= 1
            self._chip.feed()

    def feed(self):
        self._left = self._most


def _armed(seconds):
    if seconds == 0:
        return None
    if type(seconds) is not int or not 0 < seconds <= _LONGEST:
        seconds = _SECONDS
    try:
        return machine.WDT(timeout=seconds * 1000)
    except ValueError:
        return _Bridged(seconds)


def _note():
    """What the last boot has noted: 1 it meant to end, 2 it crashed, 3 it meant to end before
    anything could reach it, 0 nothing. Tells it once."""
    try:
        rtc = machine.RTC()
        note = bytearray(rtc.memory())
        if note[:4] == b"MQb1":
            said = note[31]
            note[31] = said | _READ
            rtc.memory(note)
            return 0 if said & _READ else said
    except (AttributeError, TypeError, IndexError):
        note = b""
    try:
        with open("/crashes/note") as file:
            said = json.load(file)[0]
        os.rename("/crashes/note", "/crashes/noted")
        return said
    except (OSError, ValueError):
        pass
    if note:  # somebody's own data
        from esp32 import NVS

        space = NVS("mqboard")
        note = bytearray(96)
        if space.get_blob("note", note) == 96 and 0 < note[31] < _READ:
            said = note[31]
            note[31] |= _READ
            space.set_blob("note", note)
            space.commit()
            return said
    return 0


def _ended():
    """How the boot before ended, in words; empty unless it ended badly."""
    try:
        said = _note()
    except Exception:  # nobody knows
        said = 0
    cause = machine.reset_cause()

    def was(name):
        return cause == getattr(machine, name + "_RESET", -1)

    # What a chip tells of a soft reset may be of the one before: an RP2 says PWRON.
    if said == 2:
        return "a crash"
    if said == 3:
        return "a reset before it was reached"
    if said == 1 or was("PWRON") or was("DEEPSLEEP"):
        return ""
    return "a hang" if was("WDT") else "an unexplained reset" if was("HARD") else ""


def _running():
    from esp32 import Partition

    return Partition(Partition.RUNNING).info()[4]


def _go_on(state, ended, most):
    """The next step of a trial."""
    trial = state["trial"]
    what = trial["what"]
    why = ""
    if what == "image" and trial["step"] != "undo" and _running() != trial["to"]:
        trial["step"] = "undo"
        why = "the boot loader went back to the image before"
    elif trial["step"] == "swap" and ended and what != "image":
        why = "it ended by " + ended  # and the flash did not take that it was tried
    elif trial["step"] == "swap":
        try:
            if what != "image":
                swap(what, trial["go"] == "forward")
            trial["step"] = "try"
            trial["boots"] = 1
        except (OSError, ValueError) as e:
            why = "the files could not be moved: %r" % e
    elif trial["step"] == "try":
        trial["boots"] = trial.get("boots", 0) + 1
        if ended:
            why = "it ended by " + ended
        elif trial["boots"] > most:
            why = "it was not confirmed within %d boots" % most
    if why:
        trial["step"] = "undo"
        trial["why"] = why
    if trial["step"] == "undo":
        _keep()  # before anything is half back
        _undo(state, trial, what)


def _undo(state, trial, what):
    global undone, why
    try:
        _take_back(trial, what)
    except (OSError, ValueError) as e:
        trial["undos"] = trial.get("undos", 0) + 1
        trial["why"] = "it could not be taken back: %r" % e
        if trial["undos"] < _UNDOS:
            why = trial["why"]  # rather safe mode than half of each
            return
    last = {"state": "undone"}
    for key in ("id", "what", "version", "why", "crash"):
        if trial.get(key) is not None:
            last[key] = trial[key]
    del state["trial"]
    state["last"] = last
    state["bad"] = 0
    undone = True


def _take_back(trial, what):
    if what != "image":
        swap(what, trial["go"] != "forward")
        return
    from esp32 import Partition

    if _running() == trial["to"]:
        Partition(trial["from"]).set_boot()
        _say_meant()
        machine.reset()
    try:  # it was proved long ago: the boot loader must not go back to what is undone
        Partition.mark_app_valid_cancel_rollback()
    except OSError:  # nothing was ever chosen
        pass


def _say_meant():
    """Notes that the reset which follows is meant, where the last boot's note is."""
    rtc = machine.RTC()
    note = bytearray(rtc.memory())
    if note[:4] == b"MQb1":
        note[31] = 1
        note[32:96] = b"an image is undone" + bytes(46)
        rtc.memory(note)


def _is_low(pin):
    try:
        return not machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP).value()
    except (ValueError, TypeError, OSError):  # there is no such pin
        return False


def _decide():
    global mode, why, dog
    state.update(load())
    cfg = state.get("cfg")
    if not isinstance(cfg, dict):
        cfg = {}
    dog = _armed(cfg.get("wdt", _SECONDS))
    before = json.dumps(state)
    ended = _ended()
    words = state.pop("died", "")
    if words:
        ended = "a crash: " + words
    once = state.pop("once", "")
    why = state.get("safe") or once
    if cfg.get("pin") is not None and _is_low(cfg["pin"]):
        why = "pin %s asks for it" % cfg["pin"]
    tries = cfg.get("tries", 3)
    if "trial" in state and not why:
        _go_on(state, ended, cfg.get("boots", 3))
        mode = "trial" if "trial" in state else mode
    elif ended and tries:  # else it would be written at each boot, for nothing
        state["bad"] = state.get("bad", 0) + 1
        state["how"] = ended
    elif machine.reset_cause() == getattr(machine, "DEEPSLEEP_RESET", -1):
        state.pop("bad", None)  # it got as far as it was meant to
    if mode != "trial" and tries and state.get("bad", 0) >= tries and not why:
        why = "%d boots ended badly, the last one by %s" % (state["bad"], state.get("how"))
    pack = state.pop("pack", None)
    if why:
        mode = "safe"
        # A copy that ends badly takes turns with what is in /lib.
        state["pack"] = 1 if pack is None else pack ^ 1 if ended else pack
    if mode != "normal" and not dog and hasattr(machine, "DEEPSLEEP_RESET"):
        dog = _armed(_SECONDS)  # what may be broken is watched in any case
    if json.dumps(state) != before:
        _keep()
    if once:
        state["once"] = True  # for this boot alone


def _keep():
    try:
        save(state)
    except OSError as e:  # then it is decided again, from what there was
        print("the state of the boot is not saved:", repr(e))


class _Pack:
    """The safe copy as a file system: many files, to be read, in one."""

    def __init__(self):
        file = open(_PACK, "rb")  # noqa: SIM115 - closed below, unless it is no copy
        if file.readline() != b"MQbP1\n":
            raise ValueError("not a safe copy")
        file.readline()
        names = []
        at = 0
        while True:
            size, _, name = file.readline().partition(b" ")
            if not name:
                break
            names.append(b"%d %s %s" % (at, size, name))
            at += int(size)
        self._start = file.tell()
        self._names = b"".join(names)  # a line each file: where it lies, its size, its path
        self._path = _PACK  # what is global here is soon forgotten
        self._part = _Part
        file.close()

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def _find(self, path):
        """Where the file lies, and its size."""
        end = self._names.find(b" %s\n" % path.encode())
        if end < 0:
            raise OSError(2)
        at, size = self._names[self._names.rfind(b"\n", 0, end) + 1 : end].split(b" ")
        return self._start + int(at), int(size)

    def stat(self, path):
        if path in ("", "/") or b" %s/" % path.encode() in self._names:
            return (0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        return (0x8000, 0, 0, 0, 0, 0, self._find(path)[1], 0, 0, 0)

    def open(self, path, mode):
        at, size = self._find(path)
        file = open(self._path, "rb")  # noqa: SIM115 - closed by the compiler
        file.seek(at)
        if path[-2:] == "py":
            return self._part(file, size)
        with file:
            return io.BytesIO(file.read(size))


class _Part(io.IOBase):
    """A module of it, for the compiler: read bit by bit, as a large one may find no room whole."""

    def __init__(self, file, size):
        self._file = file
        self._left = size

    def readinto(self, buf):
        n = self._file.readinto(buf, min(len(buf), self._left))
        self._left -= n
        return n

    def ioctl(self, op, arg):
        if op == 4:  # close
            self._file.close()
        return 512 if op == 11 else 0  # bytes at a time, from 1.24 on


def _start_safe():
    """Runs the safe copy, or where there is none what is in /lib. Comes back from neither."""
    gc.collect()
    gc.threshold(16384)  # as startup.py has it: what stays is to lie in one piece
    packed = []
    try:
        if not state.get("pack", 1):
            raise ValueError("it ended badly")
        pack = _Pack()
        try:
            from vfs import mount
        except ImportError:  # before 1.23
            from os import mount
        mount(pack, "/safe")
        packed = ["/safe/lib", "/safe"]
    except (OSError, ValueError) as e:
        print("no safe copy:", repr(e))
    path = sys.path[:]
    known = list(sys.modules)
    sys.path[:0] = packed
    _forget()
    try:
        import safe_mode

        safe_mode.run()
    except Exception as e:
        sys.print_exception(e)
        if not packed:
            raise
    for name in list(sys.modules):
        if name not in known:
            del sys.modules[name]
    sys.path[:] = path
    import safe_mode

    safe_mode.run()


def _forget():
    """Gives back the memory of what is not needed again."""
    for name in list(globals()):
        if name[:1] == "_" and name[:2] != "__" or name in ("load", "save", "died", "swap"):
            del globals()[name]


if __name__ == "__main__":
    try:
        _decide()
    except Exception as e:  # rather a board that runs what it has
        sys.print_exception(e)
        if not isinstance(e, OSError):  # the state is not one of ours
            state.clear()
            _keep()
    safemode = mode == "safe"
    if safemode:
        try:
            _start_safe()
        except Exception as e:
            sys.print_exception(e)
            mode, why, safemode = "normal", "", False
    else:
        _forget()
