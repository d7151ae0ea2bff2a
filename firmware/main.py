"""Starts the modules that board_config.py names, in its order, and serves asyncio for ever."""

import asyncio
import gc
import logging
import sys
import time

import crash
import machine
import micropython
from crash import alive
from micropython import const

# Collecting often while modules load keeps what stays in one piece: a heap of 95 KiB then does
# what took 130.
_THRESHOLD = const(16384)
gc.threshold(_THRESHOLD)

safemode = False  # board_config.py may ask for it: from __main__ import safemode
log = logging.getLogger("main")

_PAUSE = const(30)  # seconds between a failure of main.py itself and the reset


def settings(config, name):
    """A module's dict: `<name>`, in older configurations `<name>_config`; else an empty one."""
    for key in (name + "_config", name):
        found = getattr(config, key, None)
        if isinstance(found, dict):
            return found
    return {}


def checked(config):
    """Names of the modules to start; logs what is wrong with the configuration."""
    import check_config

    broken = check_config.report(config, settings, log)
    del sys.modules["check_config"]
    return [name for name in config.modules if name not in broken]


def start(name, mqtt, config):
    alive.doing("start " + name)
    try:
        __import__(name)
        running = sys.modules[name].start(mqtt, config)
        if hasattr(running, "send"):  # `async def start` is welcome, too
            asyncio.create_task(running)
        log.info("started %s", name)
    except (Exception, SystemExit) as e:  # sys.exit() in a module would reset the board for ever
        crash.caught(log, e, "module " + name, "module %s does not start", name)
    gc.collect()


async def serve():
    asyncio.get_event_loop().set_exception_handler(crash.task_failed)
    import board_config
    from mqtt import MQTT

    prefix = settings(board_config, "mqrepl").get("prefix")
    crash.occasional("starter").start(crash, MQTT, settings(board_config, "crash"), prefix)
    for name in checked(board_config):
        start(name, MQTT, settings(board_config, name))
    alive.doing()
    # From here on a collection delays an answer. Half of what is free stays in one piece.
    gc.threshold(max(_THRESHOLD, gc.mem_free() // 2))
    await asyncio.Event().wait()


def run():
    micropython.alloc_emergency_exception_buf(256)
    log.info(sys.version.split("; ")[-1])  # without the version of the language
    try:
        crash.occasional("last_boot").tell(crash)
    except Exception as e:
        crash.caught(log, e, "crash", "what became of the last boot is not known")
    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        raise  # somebody at the console wants the prompt
    except SystemExit:
        log.warning("a task asked for a soft reset")
        machine.soft_reset()
    except BaseException as e:
        try:
            gc.collect()
            crash.report(e, "main", True)
            log.exc(e, "main failed, reset in %d s (Ctrl-C for the prompt)", _PAUSE)
        finally:  # even where there is no memory to say so
            time.sleep(_PAUSE)
            machine.reset()


run()
