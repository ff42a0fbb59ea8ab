"""What a business calendar is: weekly hours by season, special days, one zone.

Days are proleptic Gregorian ordinals (``date.toordinal``); hours are microseconds of *wall clock* from the
midnight that begins the day. An overnight shift belongs to the day it starts on, so its end is past ``DAY``.
"""

from msgspec import Struct

from townhall.kernel.clock import DAY

Hours = tuple[tuple[int, int], ...]
"""(start, end) pairs of one day, sorted, not overlapping; 0 <= start < DAY, start < end < start + DAY + 1."""

FIRST_DAY = 693_596
"""1900-01-01: no calendar reaches further back."""

END_DAY = 803_534
"""2201-01-01: no calendar reaches this far."""


class Season(Struct, frozen=True):
    """The week's hours (Monday first) that hold from ``from_day`` to the day before ``until_day``."""

    week: tuple[Hours, ...]
    from_day: int = FIRST_DAY
    until_day: int = END_DAY


class SpecialDay(Struct, frozen=True):
    """A date with hours of its own (none: closed). It speaks for the whole date, midnight to midnight.

    A night shift that began the evening before therefore ends at that midnight, unless ``keep_night``.
    """

    day: int
    hours: Hours = ()
    name: str = ""
    keep_night: bool = False


class Calendar(Struct, frozen=True):
    """One version of a calendar. Seasons never overlap; a date in no season is closed.

    ``zone`` is an IANA name. When clocks are set forward, wall times that do not exist begin or end at the
    jump; when they are set back, the hands count as standing still until the repeated time has passed. So every
    wall time has exactly one instant, and hours that touch on paper touch in fact.
    """

    id: str
    version: int
    zone: str
    weekly: tuple[Season, ...]
    exceptions: tuple[SpecialDay, ...] = ()


ALWAYS = Calendar("always", 1, "UTC", (Season(week=(((0, DAY),),) * 7),))
"""Open around the clock."""
