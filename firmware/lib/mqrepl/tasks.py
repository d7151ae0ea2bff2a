"""Knows for which command a task works.

gather() and wait_for() run what they get in tasks of their own, and MicroPython's tasks know not
who made them: hence asyncio.create_task is replaced by one that remembers it.
"""

import asyncio

from . import running

_create = asyncio.create_task


def current():
    """The reply of the command whose code runs in the current task, or None."""
    if running.replies:
        task = asyncio.current_task()
        for reply in running.replies:
            if reply.task is task or task in reply.children:
                return reply
    return None


def _create_task(coroutine):
    task = _create(coroutine)
    if running.replies:
        reply = current()
        if reply:
            busy = [child for child in reply.children if not child.done()]
            busy.append(task)
            reply.children = busy
    return task


asyncio.create_task = asyncio.core.create_task = _create_task
