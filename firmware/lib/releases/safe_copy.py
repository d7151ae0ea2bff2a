"""Makes the safe copy: what the board runs in safe mode, in one file, which boot.py mounts.

The lines "MQbP1", a JSON object with `fw` and `files`, "<size> <path>" of each file, and an empty
one; then the contents, one behind the other.
"""

import asyncio
import logging
import os
import sys
from time import ticks_diff, ticks_ms

import crash
import watchdog
from micropython import const
from mqrepl.files.paths import kind, replace
from mqrepl.files.room import need
from mqrepl.reply import Failure

_FOLDER = "/safemode"
_PACK = _FOLDER + "/pack"
_NEW = _PACK + ".new"
_ROOT = ("main", "board_config", "board_secrets")
_STEP = const(10)  # ms at a stretch

log = logging.getLogger("release")


async def make(renew):
    """Makes the copy where there is none; with `renew` also where it is not of what is there.

    To be called when what is there is confirmed. None, or (code of the wire, why not in words).
    """
    try:
        if not renew and kind(_PACK):
            return None
        await _make()
        return None
    except Failure as e:
        failed = e.args
    except OSError as e:
        failed = ("io", repr(e))
    _remove(_NEW)
    log.warning("the safe copy is not renewed: %s", failed[1])
    return failed


async def _make():
    if watchdog.mode != "normal":
        raise Failure("trial", "what runs is not confirmed")
    _check_unchanged()
    if kind(_PACK) and await _is_copy(_PACK):
        return
    size = 0
    for _, of_one, path in _files():
        size += of_one + len(path) + 8
    need("/", size, None)
    if not kind(_FOLDER):
        os.mkdir(_FOLDER)
    with open(_NEW, "wb") as pack:
        for line in _head():
            pack.write(line)
        for _, _, path in _files():
            await _copy(path, pack)
    if not await _is_copy(_NEW):
        raise Failure("corrupt", "it is not what was written")
    _check_unchanged()
    replace(_NEW, _PACK)
    log.info("the safe copy is of version %s", crash.facts["fw"])


async def differs():
    """Whether there is a copy, and it is not of what is there."""
    try:
        return kind(_PACK) and not await _is_copy(_PACK)
    except OSError:
        return True


def _check_unchanged():
    """What was changed since the start has not run yet."""
    if getattr(sys.modules.get("mqrepl.files"), "changed", False):
        words = "files of the framework or the configuration were changed: restart the board first"
        raise Failure("changed", words)


def _files():
    """(type, size, path) of each file of the copy."""
    for name in _ROOT:
        for path in ("/%s.py" % name, "/%s.mpy" % name):
            yield from _file(path)
    for path in _certificates():
        yield from _file(path)
    folders = ["/lib"]
    while folders:
        folder = folders.pop()
        for entry in os.ilistdir(folder):
            path = folder + "/" + entry[0]
            if entry[1] == 0x4000:
                folders.append(path)
            else:
                yield from _file(path)


def _file(path):
    try:
        yield 0x8000, os.stat(path)[6], path
    except OSError:
        pass


def _certificates():
    """Paths that the options of TLS name."""
    config = sys.modules.get("board_config")
    options = getattr(config, "mqtt_config", None) or getattr(config, "mqtt", None)
    params = options.get("ssl_params") if isinstance(options, dict) else None
    if not params:
        return []
    params = params if isinstance(params, dict) else {}
    named = [params.get("ca") or "/ca.pem", params.get("cert"), params.get("key")]
    return [path for path in named if isinstance(path, str) and path[:1] == "/"]


def _head():
    """The lines before the contents."""
    yield b"MQbP1\n"
    yield b'{"fw": "%s", "files": %d}\n' % (crash.facts["fw"], len([1 for _ in _files()]))
    for _, size, path in _files():
        yield b"%d %s\n" % (size, path)
    yield b"\n"


async def _copy(path, pack):
    piece = bytearray(1024)
    view = memoryview(piece)
    since = ticks_ms()
    with open(path, "rb") as file:
        while True:
            n = file.readinto(piece)
            if not n:
                return
            pack.write(view[:n])
            if ticks_diff(ticks_ms(), since) > _STEP:
                await asyncio.sleep_ms(0)
                since = ticks_ms()


async def _is_copy(path):
    """Whether a copy is of what is there, byte by byte."""
    one = bytearray(512)
    other = bytearray(512)
    since = ticks_ms()
    with open(path, "rb") as pack:
        for line in _head():
            if pack.readline() != line:
                return False
        for _, size, path in _files():
            with open(path, "rb") as file:
                while size:
                    n = file.readinto(one)
                    if not n or pack.readinto(other, n) != n or one != other:
                        return False
                    size -= n
                    if ticks_diff(ticks_ms(), since) > _STEP:
                        await asyncio.sleep_ms(0)
                        since = ticks_ms()
        return not pack.read(1)


def _remove(path):
    try:
        os.remove(path)
    except OSError:
        pass
