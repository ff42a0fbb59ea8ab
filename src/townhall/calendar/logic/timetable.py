"""A calendar's open spans laid out once, so that a deadline is two binary searches.

``ends[i]`` is the working time from the table's start to ``closes[i]``; so the working time before an instant is one
subtraction, and a deadline is the place where that sum reaches what is wanted. The table covers whole days and
grows when somebody asks beyond it; a grown table replaces the old one whole, so threads may share a timetable.
"""

from bisect import bisect_left, bisect_right
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from townhall.calendar.logic.model import END_DAY, FIRST_DAY, Calendar
from townhall.calendar.logic.spans import day_of, day_start, open_spans
from townhall.kernel.clock import DAY, Instant, to_iso
from townhall.kernel.errors import Refused

PATIENCE: Instant = 400 * DAY
"""A calendar that stays closed longer than this is a mistake, and waiting for it would be a loop."""

_STEP = 60
"""Days laid out around the first question."""


class Table(Struct, frozen=True):
    """Spans of the days ``first_day`` to ``end_day`` (not included), as instants ``start`` to ``end``."""

    first_day: int
    end_day: int
    start: Instant
    end: Instant
    opens: list[Instant]
    closes: list[Instant]
    ends: list[Instant]
    breaks: list[int]


def lay_out(calendar: Calendar, zone: ZoneInfo, first_day: int, end_day: int) -> Table:
    """The table of those days. ``breaks`` names the spans that come after more than ``PATIENCE`` of closed time."""
    spans = open_spans(calendar, zone, first_day, end_day)
    ends: list[Instant] = []
    total = 0
    for opened, closed in spans:
        total += closed - opened
        ends.append(total)
    opens, closes = [a for a, _ in spans], [b for _, b in spans]
    breaks = [i for i in range(1, len(spans)) if opens[i] - closes[i - 1] > PATIENCE]
    start, end = day_start(zone, first_day), day_start(zone, end_day)
    return Table(first_day, end_day, start, end, opens, closes, ends, breaks)


class Timetable:
    """Working time of one calendar. Answers do not depend on what was asked before."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._zone = ZoneInfo(calendar.zone)
        self._table = Table(FIRST_DAY, FIRST_DAY, 0, 0, [], [], [], [])

    def add_working(self, start: Instant, budget: Instant) -> Instant:
        """The earliest instant by which ``budget`` microseconds of working time have passed since ``start``.

        It is never inside closed time (a budget used up at closing time is due at closing time), except that a
        budget of 0 gives ``start``. Raises ``Refused`` for a negative budget, or when the way leads through more
        than 400 days without working time or past 2200.
        """
        if budget <= 0:
            return _nothing_to_add(start, budget)
        table = self._table
        if not table.start <= start < table.end:
            table = self._reach(start)
        while True:
            i = bisect_right(table.closes, start)
            if i < len(table.closes):
                opened, closed, worked = table.opens[i], table.closes[i], table.ends[i]
                target = worked - closed + (start if start > opened else opened) + budget
                j = i if target <= worked else bisect_left(table.ends, target, i + 1)
                if j < len(table.ends):
                    if opened - start > PATIENCE or table.breaks:
                        self._refuse_breaks(table, start, i, j)
                    return table.closes[j] - table.ends[j] + target
            table = self._later(table, start)

    def working_between(self, a: Instant, b: Instant) -> Instant:
        """Working microseconds from ``a`` to ``b``: 0 if equal or all closed, negative when ``b`` is before ``a``."""
        low, high = (a, b) if a <= b else (b, a)
        table = self._reach(low, high)
        worked = _before(table, high) - _before(table, low)
        return worked if a <= b else -worked

    def is_open(self, t: Instant) -> bool:
        """Whether ``t`` is working time. The instant of opening is; the instant of closing is not."""
        table = self._reach(t)
        i = bisect_right(table.opens, t) - 1
        return i >= 0 and t < table.closes[i]

    def next_open(self, t: Instant) -> Instant:
        """``t`` itself when open, else the next opening. Raises ``Refused`` if none comes within 400 days."""
        return self.add_working(t, 1) - 1

    def span_of(self, day: date) -> tuple[Instant, Instant]:
        """When a date begins and ends in the calendar's zone."""
        first = day.toordinal()
        return day_start(self._zone, first), day_start(self._zone, first + 1)

    def _reach(self, low: Instant, high: Instant | None = None) -> Table:
        """A table that covers both instants."""
        high = low if high is None else high
        table = self._table
        if table.start <= low and high < table.end:
            return table
        first, last, length = self._day(low), self._day(high), table.end_day - table.first_day
        if not length:
            return self._lay(first - _STEP, last + _STEP)
        wider = max(_STEP, length)  # twice as wide each time, so that a walk through years costs little
        return self._lay(
            min(first, table.first_day) - wider if low < table.start else table.first_day,
            max(last, table.end_day) + wider if high >= table.end else table.end_day,
        )

    def _later(self, table: Table, start: Instant) -> Table:
        """The table with more days behind it, unless that can bring nothing within ``PATIENCE``."""
        known = max(start, table.closes[-1] if table.closes else start)
        if table.end - known > PATIENCE:
            raise self._closed(known)
        if table.end_day >= END_DAY:
            raise Refused(f"calendar {self.calendar.id}: the deadline would be past the year 2200")
        length = table.end_day - table.first_day
        return self._lay(table.first_day, table.end_day + max(_STEP, length))

    def _lay(self, first_day: int, end_day: int) -> Table:
        first_day, end_day = max(first_day, FIRST_DAY), min(end_day, END_DAY)
        self._table = lay_out(self.calendar, self._zone, first_day, end_day)
        return self._table

    def _day(self, instant: Instant) -> int:
        try:
            day = day_of(self._zone, instant)
        except OverflowError:
            day = 0
        if not FIRST_DAY <= day < END_DAY:
            raise Refused(
                f"calendar {self.calendar.id}: an instant outside 1900 to 2200 ({instant} microseconds)"
            )
        return day

    def _refuse_breaks(self, table: Table, start: Instant, i: int, j: int) -> None:
        if table.opens[i] - start > PATIENCE:
            raise self._closed(start)
        crossed = [k for k in table.breaks if i < k <= j]
        if crossed:
            raise self._closed(table.closes[crossed[0] - 1])

    def _closed(self, since: Instant) -> Refused:
        return Refused(
            f"calendar {self.calendar.id} version {self.calendar.version} has no working time "
            f"in the 400 days after {to_iso(since)}; give it hours or choose another calendar"
        )


def _nothing_to_add(start: Instant, budget: Instant) -> Instant:
    if budget < 0:
        raise Refused("a budget of working time cannot be negative")
    return start


def _before(table: Table, t: Instant) -> Instant:
    """Working time from the table's start to ``t``."""
    i = bisect_right(table.closes, t)
    if i == len(table.closes):
        return table.ends[-1] if table.ends else 0
    return table.ends[i] - table.closes[i] + max(t, table.opens[i])
