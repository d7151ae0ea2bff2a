"""What tasks wait for one another with."""

from asyncio import core


class Event:
    def __init__(self):
        self._set = False
        self._waiting = core.TaskQueue()

    def is_set(self):
        return self._set

    def set(self):
        self._set = True
        while self._waiting.peek():
            core._task_queue.push(self._waiting.pop())

    def clear(self):
        self._set = False

    def wait(self):  # a generator, because only one may suspend its task
        if not self._set:
            yield from _join(self._waiting)
        return True


def _join(queue):
    queue.push(core.cur_task)
    core.cur_task.data = queue  # where a cancelled task is taken off
    yield


class ThreadSafeFlag:
    """Wakes one task and is clear again. Nothing interrupts the virtual board's interpreter."""

    def __init__(self):
        self._event = Event()

    def set(self):
        self._event.set()

    def clear(self):
        self._event.clear()

    async def wait(self):
        await self._event.wait()
        self._event.clear()


class Lock:
    def __init__(self):
        self._owner = None  # True, or the task that it was handed to
        self._waiting = core.TaskQueue()

    def locked(self):
        return self._owner is not None

    def acquire(self):
        if self._owner is not None:
            me = core.cur_task
            try:
                yield from _join(self._waiting)
            except core.CancelledError:
                if self._owner is me:  # it was handed over in the same moment
                    self._owner = True
                    self.release()
                raise
        self._owner = True
        return True

    def release(self):
        if self._owner is None:
            raise RuntimeError("Lock not acquired")
        self._owner = None
        if self._waiting.peek():
            self._owner = self._waiting.pop()
            core._task_queue.push(self._owner)

    async def __aenter__(self):
        return await self.acquire()

    async def __aexit__(self, exc_type, exc, traceback):
        self.release()
