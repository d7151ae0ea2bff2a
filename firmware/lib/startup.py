"""Starts the modules that board_config.py names, in its order, and serves asyncio for ever."""

import asyncio
import gc
import logging
import sys
import time

import __main__
import crash
import machine
import micropython
import watchdog
from crash import alive
from micropython import const

# Collecting often while modules load keeps what stays in one piece: a heap of 95 KiB then does
# what took 130.
_THRESHOLD = const(16384)
gc.threshold(_THRESHOLD)

log = logging.getLogger("main")


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
    watchdog.feed()
    try:
        __import__(name)
        running = sys.modules[name].start(mqtt, config)
        if hasattr(running, "send"):  # `async def start` is welcome, too
            asyncio.create_task(running)
        log.info("started %s", name)
    except (Exception, SystemExit) as e:  # sys.exit() in a module would reset the board for ever
        crash.caught(log, e, "module " + name, "module %s does not start", name)
    gc.collect()


def configuration():
    """The module board_config; its folders are on Python's path from now on."""
    import board_config

    path = getattr(board_config, "syspath", ())
    sys.path[1:1] = [folder for folder in path if folder not in sys.path]
    return board_config


async def serve(adjust):
    asyncio.get_event_loop().set_exception_handler(crash.task_failed)
    board_config = configuration()
    from mqtt import MQTT

    if adjust:
        adjust(board_config, settings)
    prefix = settings(board_config, "mqrepl").get("prefix")
    crash.occasional("starter").start(crash, MQTT, settings(board_config, "crash"), prefix)
    names = checked(board_config)
    for name in names:
        start(name, MQTT, settings(board_config, name))
    alive.doing()
    watchdog.begin(MQTT, prefix, names, board_config, settings)
    # From here on a collection delays an answer. Half of what is free stays in one piece.
    gc.threshold(max(_THRESHOLD, gc.mem_free() // 2))
    await asyncio.Event().wait()


def run(pause, adjust=None):
    """`pause`: seconds from a failure to the reset. `adjust(config, settings)` may change it."""
    micropython.alloc_emergency_exception_buf(256)
    log.info(sys.version.split("; ")[-1])  # without the version of the language
    try:
        crash.occasional("last_boot").tell(crash)
        if getattr(__main__, "undone", False):
            watchdog.occasional("setbacks").add_report()
    except Exception as e:
        crash.caught(log, e, "crash", "what became of the last boot is not known")
    try:
        asyncio.run(serve(adjust))
    except KeyboardInterrupt:
        watchdog.rest()
        raise  # somebody at the console wants the prompt
    except SystemExit:
        log.warning("a task asked for a soft reset")
        # Which nobody asked for is a bad boot: nothing else would end a loop of them.
        crash.note("a task asked for a soft reset", alive.CRASHED)
        machine.soft_reset()
    except BaseException as e:
        try:
            gc.collect()
            crash.report(e, "main", True)
            log.exc(e, "main failed, reset in %d s (Ctrl-C for the prompt)", pause)
        finally:  # even where there is no memory to say so
            time.sleep(pause)
            machine.reset()
