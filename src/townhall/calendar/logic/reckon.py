"""Working time for whoever asks once. Many questions of one calendar go faster through ``Timetable``."""

from functools import lru_cache

from townhall.calendar.logic.model import Calendar
from townhall.calendar.logic.timetable import Timetable
from townhall.kernel.clock import Instant

_timetable = lru_cache(maxsize=128)(Timetable)


def add_working(calendar: Calendar, start: Instant, budget: Instant) -> Instant:
    """See ``Timetable.add_working``."""
    return _timetable(calendar).add_working(start, budget)


def working_between(calendar: Calendar, a: Instant, b: Instant) -> Instant:
    """See ``Timetable.working_between``."""
    return _timetable(calendar).working_between(a, b)


def is_open(calendar: Calendar, t: Instant) -> bool:
    """See ``Timetable.is_open``."""
    return _timetable(calendar).is_open(t)


def next_open(calendar: Calendar, t: Instant) -> Instant:
    """See ``Timetable.next_open``."""
    return _timetable(calendar).next_open(t)
