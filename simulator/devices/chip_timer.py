"""`machine.Timer`, with callbacks as the soft ones of a chip: between any two instructions."""

import _ticking
import utime

_timers = []


def run_due(_=None):
    """Runs what is due, and returns how many milliseconds later the next one is."""
    for timer in list(_timers):
        timer._run_if_due()
    now = utime.ticks_ms()
    return min([utime.ticks_diff(timer._due, now) for timer in _timers], default=1000)


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=-1, **settings):
        self._due = None
        if settings:
            self.init(**settings)

    def init(self, *, mode=PERIODIC, freq=-1, period=-1, callback=None, hard=False):
        self.deinit()
        self._period = period if freq == -1 else int(1000 / freq)
        self._again = mode == self.PERIODIC
        self._callback = callback
        self._due = utime.ticks_add(utime.ticks_ms(), self._period)
        _timers.append(self)
        _ticking.start(run_due)

    def deinit(self):
        if self in _timers:
            _timers.remove(self)
            if not _timers:
                _ticking.stop()

    def _run_if_due(self):
        now = utime.ticks_ms()
        if self not in _timers or utime.ticks_diff(now, self._due) < 0:
            return
        if self._again:
            self._due = utime.ticks_add(now, self._period)
        else:
            self.deinit()
        if self._callback:
            self._callback(self)
