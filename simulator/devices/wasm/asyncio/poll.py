"""Tasks that wait for a socket."""

import _board
import _host

_READ = 1
_WRITE = 4


class IOQueue:
    def __init__(self, task_queue):
        self._task_queue = task_queue
        self._tasks = {}  # (socket id, _READ or _WRITE): task

    def waiting(self):
        return bool(self._tasks)

    def clear(self):
        self._tasks.clear()

    def queue_read(self, stream):
        return self._park(stream, _READ)

    def queue_write(self, stream):
        return self._park(stream, _WRITE)

    def _park(self, stream, flag):
        from asyncio import core

        if not hasattr(stream, "fileno"):  # memory and the like: always ready
            yield from core.sleep_ms(0)
            return
        task = core.cur_task
        self._tasks[(stream.fileno(), flag)] = task
        task.data = self  # a cancelled task is taken off by `remove`
        yield

    def remove(self, task):
        for key in [key for key in self._tasks if self._tasks[key] is task]:
            self._tasks.pop(key)

    def wait(self, ms):
        """Until a socket is ready, `ms` at most; for ever with -1. It may be shorter."""
        ms = _board.before_waiting(ms)
        if not self._tasks:
            if ms > 0:
                _host.sleep(ms)
            return
        if ms:
            _host.idle()
        wanted = " ".join(["%d:%d" % key for key in self._tasks])
        if _host.call("poll %d %s" % (ms, wanted)) == 0:
            return
        for word in _host.text().split(" "):
            number, flags = word.split(":")
            for flag in (_READ, _WRITE):
                task = self._tasks.pop((int(number), flag), None) if int(flags) & flag else None
                if task is not None:
                    self._task_queue.push(task)
