"""The event loop: tasks in the order of their time, sockets as they become ready."""

import sys
from time import ticks_add, ticks_diff
from time import ticks_ms as ticks

from _asyncio import Task, TaskQueue
from asyncio.poll import IOQueue


class CancelledError(BaseException):
    pass


class TimeoutError(Exception):
    pass


# The C type Task looks these up here: `cur_task`, `_task_queue` and `CancelledError`.
cur_task = None
_task_queue = TaskQueue()
_io_queue = IOQueue(_task_queue)

_handler = None


class _Sleep:
    def __init__(self, until):
        self._until = until

    def __iter__(self):
        return self

    def __next__(self):
        if self._until is None:
            raise StopIteration
        _task_queue.push(cur_task, self._until)
        self._until = None


def sleep_ms(ms):
    return _Sleep(ticks_add(ticks(), max(0, ms)))


def sleep(seconds):
    return sleep_ms(int(seconds * 1000))


def create_task(coro):
    if not hasattr(coro, "send"):
        raise TypeError("coroutine expected")
    task = Task(coro, globals())
    _task_queue.push(task)
    return task


def _as_task(awaitable):
    return awaitable if isinstance(awaitable, Task) else create_task(awaitable)


def current_task():
    if cur_task is None:
        raise RuntimeError("no running event loop")
    return cur_task


def run_until_complete(main=None):
    """Runs tasks until `main` ends, and returns its value; without it, while there are any."""
    global cur_task
    while True:
        task = _due()
        if task is None:
            return None
        if task.done():
            _report(task)
            continue
        cur_task = task
        try:
            thrown = task.data
            if thrown is None:
                task.coro.send(None)
            else:
                task.data = None
                task.coro.throw(thrown)
        except (CancelledError, Exception) as error:
            cur_task = None
            if task is main:
                if isinstance(error, StopIteration):
                    return error.value
                raise
            _finish(task, error)


def _due():
    """Waits for the next task. None when there is nothing left that could ever run."""
    while True:
        task = _task_queue.peek()
        if task is None and not _io_queue.waiting():
            return None
        wait = -1 if task is None else max(0, ticks_diff(task.ph_key, ticks()))
        _io_queue.wait(wait)
        task = _task_queue.peek()
        if task is not None and ticks_diff(task.ph_key, ticks()) <= 0:
            return _task_queue.pop()


def _finish(task, error):
    waiting = task.state
    if isinstance(waiting, TaskQueue):
        task.state = False
        while waiting.peek():
            _task_queue.push(waiting.pop())
    else:
        task.state = None
        if not isinstance(error, (StopIteration, CancelledError)):
            _task_queue.push(task)  # until then somebody may await it, else it is reported
    task.data = error  # last, because push() clears it


def _report(task):
    if task.state is None:
        context = {"message": "Task exception wasn't retrieved"}
        context["exception"] = task.data
        context["future"] = task
        Loop.call_exception_handler(context)


def run(coro):
    return run_until_complete(create_task(coro))


class Loop:
    """There is one loop, so its methods are called on the class as well as on get_event_loop()."""

    create_task = staticmethod(create_task)

    @staticmethod
    def run_forever():
        global _stop
        _stop = Task(_never(), globals())
        run_until_complete(_stop)

    @staticmethod
    def run_until_complete(awaitable):
        return run_until_complete(_as_task(awaitable))

    @staticmethod
    def stop():
        global _stop
        if _stop is not None:
            _task_queue.push(_stop)
            _stop = None

    @staticmethod
    def close():
        pass

    @staticmethod
    def set_exception_handler(handler):
        global _handler
        _handler = handler

    @staticmethod
    def get_exception_handler():
        return _handler

    @staticmethod
    def default_exception_handler(loop, context):
        print(context["message"])
        print("future:", context["future"], "coro=", context["future"].coro)
        sys.print_exception(context["exception"])

    @staticmethod
    def call_exception_handler(context):
        (_handler or Loop.default_exception_handler)(Loop, context)


_stop = None


async def _never():
    pass


def get_event_loop():
    return Loop


def new_event_loop():
    """Forgets all tasks. The queues stay the same objects, because others hold on to them."""
    while _task_queue.peek():
        _task_queue.pop()
    _io_queue.clear()
    return Loop
