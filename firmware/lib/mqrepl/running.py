"""Carries commands out: at once what does not await, the others as tasks beside the link."""

import asyncio

from board import act_led
from micropython import const

from . import memory

_MOST = const(6)  # commands at the same time
_PULSE = const(50)  # ms until output shows that does not fill a message

replies = []  # of commands that await


def busy():
    return len(replies) >= _MOST


def carry_out(reply, command, head, body):
    memory.restock()
    act_led(True)
    try:
        coroutine = command(reply, head, body)
        if coroutine:
            replies.append(reply)
            reply.task = asyncio.create_task(_run(reply, coroutine))
            if len(replies) == 1:
                asyncio.create_task(_pulse())
            return
        reply.end()
    except BaseException as e:  # SystemExit and KeyboardInterrupt, too: they are the code's
        _failed(reply, e)
    act_led(False)


async def _run(reply, coroutine):
    try:
        await coroutine
        reply.end()
    except BaseException as e:
        _failed(reply, e)
    finally:
        replies.remove(reply)
        reply.task = None
        reply.children = ()
        act_led(bool(replies))


def _failed(reply, error):
    if isinstance(error, MemoryError):
        memory.give_way()
    reply.report(error)


async def _pulse():
    while replies:
        for reply in replies:
            reply.pulse()
        await asyncio.sleep_ms(_PULSE)
