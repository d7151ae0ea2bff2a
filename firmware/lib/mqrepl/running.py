"""Carries commands out: at once what does not await, the others as tasks beside the link."""

import asyncio

from board import act_led
from crash import alive
from micropython import const

from . import memory

_MOST = const(6)  # commands at the same time
_PULSE = const(50)  # ms until output shows that does not fill a message


class BusyError(Exception):
    """A command that is refused for now; its argument is a sentence."""


replies = []  # of commands that await


def check_room():
    """BusyError where no further command may await."""
    if len(replies) >= _MOST:
        raise BusyError("too many commands run, try again")


def carry_out(reply, command, head, body):
    memory.restock()
    act_led(True)
    alive.doing(head.get("do", "command"), body)
    try:
        coroutine = command(reply, head, body)
        if coroutine:
            # What does not await is never refused: it may be what frees the board of the others.
            try:
                check_room()
            except BusyError:
                coroutine.close()
                raise
            replies.append(reply)
            reply.task = asyncio.create_task(_run(reply, coroutine))
            if len(replies) == 1:
                asyncio.create_task(_pulse())
            return
        reply.end()
    except BusyError as e:
        reply.busy(e.args[0])
    except BaseException as e:  # SystemExit and KeyboardInterrupt, too: they are the code's
        _failed(reply, e)
    act_led(False)
    alive.doing()


async def _run(reply, coroutine):
    try:
        reply.begun = True
        if reply.cancelled:
            coroutine.close()
            raise asyncio.CancelledError
        await coroutine
        reply.end()
    except BaseException as e:
        _failed(reply, e)
    finally:
        replies.remove(reply)
        reply.task = reply.transfer = None
        reply.children = ()
        act_led(bool(replies))
        if not replies:
            alive.doing()


def _failed(reply, error):
    if isinstance(error, MemoryError):
        memory.give_way()
    try:
        reply.report(error)
    except BaseException as e:  # its text does not fit into the memory, or is code that fails
        memory.give_way()
        names = type(error).__name__, type(e).__name__
        reply.report(RuntimeError("%s, whose text cannot be shown: %s" % names))


async def _pulse():
    while replies:
        try:
            for reply in replies:
                reply.pulse()
        except MemoryError:
            memory.give_way()
        await asyncio.sleep_ms(_PULSE)
