"""Rules of time zones as POSIX has them: "CET-1CEST,M3.5.0,M10.5.0/3". Loaded for the occasion."""

from micropython import const

_DAY = const(86400)
_AMERICAN = ",M3.2.0,M11.1.0"  # where a rule names summer time and does not say when it is


def offset(rule, now):
    """(minutes ahead of UTC, until when in seconds since 1970) at `now`, seconds since 1970.

    ValueError says what is wrong with the rule.
    """
    reader = _Reader(rule)
    reader.name()
    standard = -reader.time("its distance to UTC")
    if not reader.rest():
        return standard // 60, now + 366 * _DAY
    reader.name()
    summer = standard + 3600
    if reader.rest()[:1] not in ("", ","):
        summer = -reader.time("the distance of summer time to UTC")
    if not reader.rest():
        reader = _Reader(_AMERICAN)
    begin = reader.date()
    end = reader.date()
    if reader.rest():
        raise ValueError("%r is not understood" % reader.rest())
    year = 1970 + now // 31556952
    changes = []
    for y in (year - 1, year, year + 1):
        changes.append((_moment(begin, y) - standard, summer))
        changes.append((_moment(end, y) - summer, standard))
    holds = standard
    for moment, seconds in sorted(changes):
        if moment > now:
            break
        holds = seconds
    return holds // 60, moment


class _Reader:
    def __init__(self, text):
        self._text = text
        self._i = 0

    def rest(self):
        return self._text[self._i :]

    def _take(self, characters):
        start = self._i
        while self.rest() and self.rest()[0] in characters:
            self._i += 1
        return self._text[start : self._i]

    def _number(self, what):
        digits = self._take("0123456789")
        if not digits:
            raise ValueError("expected %s at %r" % (what, self.rest()))
        return int(digits)

    def name(self):
        start = self._i
        if self.rest()[:1] == "<":
            self._i = self._text.find(">", start) + 1
        else:
            while self.rest()[:1].isalpha():
                self._i += 1
        if self._i < start + 3:
            raise ValueError("expected the name of a zone at %r" % self._text[start:])

    def time(self, what):
        """Seconds of `[+-]hh[:mm[:ss]]`."""
        sign = -1 if self._take("+-") == "-" else 1
        seconds = self._number(what) * 3600
        for unit in (60, 1):
            if self._take(":"):
                seconds += self._number(what) * unit
        return sign * seconds

    def date(self):
        """(kind, month or day, week, weekday, seconds of the day)"""
        if not self._take(","):
            raise ValueError("expected a comma and a date at %r" % self.rest())
        kind = self._take("MJ")
        first = self._number("a date")
        week = weekday = 0
        if kind == "M":
            self._take(".")
            week = self._number("a week")
            self._take(".")
            weekday = self._number("a day of the week")
            if not (1 <= first <= 12 and 1 <= week <= 5 and weekday <= 6):
                raise ValueError("there is no M%d.%d.%d" % (first, week, weekday))
        seconds = self.time("a time") if self._take("/") else 7200
        return kind, first, week, weekday, seconds


def _moment(date, year):
    """Seconds since 1970 of that local time."""
    kind, first, week, weekday, seconds = date
    if kind == "M":
        month = _days(year, first)
        day = month + (weekday - month - 4) % 7 + (week - 1) * 7  # 1970 began on a Thursday
        if day >= _days(year, first + 1):
            day -= 7
    else:
        day = _days(year, 1) + first
        if kind == "J":  # counts from 1, and never the 29 February
            leap = _days(year, 3) - _days(year, 2) == 29
            day += 0 if leap and first >= 60 else -1
    return day * _DAY + seconds


def _days(year, month):
    """Days from 1970 to the first of a month; 13 is the next January."""
    if month > 12:
        year, month = year + 1, month - 12
    # Counted from March on, the leap day is the last of a year.
    if month < 3:
        year, month = year - 1, month + 12
    leaps = year // 4 - year // 100 + year // 400
    return year * 365 + leaps + (153 * (month - 3) + 2) // 5 - 719468
