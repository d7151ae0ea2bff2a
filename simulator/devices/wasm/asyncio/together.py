"""Waiting for several things, and not for too long."""

from asyncio import core


async def wait_for(awaitable, timeout, sleep=core.sleep):
    """TimeoutError after `timeout` seconds; what was awaited is cancelled then."""
    task = core._as_task(awaitable)
    if timeout is None:
        return await task
    late = False

    async def bound():
        nonlocal late
        await sleep(timeout)
        late = task.cancel()

    guard = core.create_task(bound())
    try:
        return await task
    except core.CancelledError:
        if late:
            raise core.TimeoutError
        raise
    finally:
        guard.cancel()


def wait_for_ms(awaitable, timeout):
    return wait_for(awaitable, timeout, core.sleep_ms)


async def gather(*awaitables, return_exceptions=False):
    """The values in the order of the arguments."""
    tasks = [core._as_task(awaitable) for awaitable in awaitables]
    values = []
    try:
        for task in tasks:
            try:
                values.append(await task)
            except Exception as error:
                if not return_exceptions:
                    raise
                values.append(error)
    except core.CancelledError:
        for task in tasks:
            task.cancel()
        raise
    return values
