"""From days and wall clocks to open spans of real time.

Two steps: hours of dates become spans on the wall's own axis (microseconds since 1970-01-01 00:00 as the wall
shows them), then each end becomes *the first instant at which the wall shows that time or later*. That one rule
settles both clock changes, and because it only ever rises, spans stay in order and never overlap.
Source of the two readings of a wall time: PEP 495.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from townhall.calendar.logic.model import Calendar, Hours, Season, SpecialDay
from townhall.kernel.clock import DAY, Instant, to_datetime

Span = tuple[Instant, Instant]
"""Open from (included) to (not included)."""

_WALL_ZERO = datetime(1970, 1, 1)  # noqa: DTZ001  a wall clock has no zone
_DAY_ZERO = _WALL_ZERO.toordinal()
_TICK = timedelta(microseconds=1)


def instant_of(zone: ZoneInfo, wall: int) -> Instant:
    """The first instant at which the zone's wall clock shows ``wall`` or later."""
    local = (_WALL_ZERO + timedelta(microseconds=wall)).replace(tzinfo=zone)
    before = _offset(local)
    after = _offset(local.replace(fold=1))
    if before >= after:  # usual, or a repeated time: its first showing
        return wall - before
    return _first_at_or_after(zone, wall, wall - after, wall - before)


def _first_at_or_after(zone: ZoneInfo, wall: int, low: Instant, high: Instant) -> Instant:
    """The jump itself, for a wall time that it leaves out: the wall shows less at ``low``, enough at ``high``."""
    while high - low > 1:
        middle = (low + high) // 2
        shows = middle + _offset(to_datetime(middle).astimezone(zone))
        low, high = (low, middle) if shows >= wall else (middle, high)
    return high


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    return offset // _TICK if offset is not None else 0


class _Steady:
    """``instant_of`` for many wall times: a day that begins and ends with one offset has that offset throughout."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, int] = {}

    def instant_of(self, wall: int) -> Instant:
        day = wall // DAY
        offset = self._offset_at(day)
        return wall - offset if offset == self._offset_at(day + 1) else instant_of(self._zone, wall)

    def _offset_at(self, day: int) -> int:
        if day not in self._offsets:
            midnight = _WALL_ZERO + timedelta(days=day)
            self._offsets[day] = _offset(midnight.replace(tzinfo=self._zone))
        return self._offsets[day]


def day_start(zone: ZoneInfo, day: int) -> Instant:
    """When the date begins there."""
    return instant_of(zone, (day - _DAY_ZERO) * DAY)


def day_of(zone: ZoneInfo, instant: Instant) -> int:
    """The date that the wall shows at the instant."""
    return (_WALL_ZERO.replace(tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(zone).toordinal()


def open_spans(calendar: Calendar, zone: ZoneInfo, first_day: int, end_day: int) -> list[Span]:
    """All that is open from the start of ``first_day`` to the start of ``end_day``, joined where it touches."""
    special = {day.day: day for day in calendar.exceptions}
    wall: list[Span] = []
    for day in range(first_day - 1, end_day):
        wall += _wall_spans(calendar, special, day)
    start, end = day_start(zone, first_day), day_start(zone, end_day)
    instant = _Steady(zone).instant_of
    spans = ((instant(a), instant(b)) for a, b in _joined(wall))
    return _joined([(max(a, start), min(b, end)) for a, b in spans if a < end and b > start])


def _wall_spans(calendar: Calendar, special: dict[int, SpecialDay], day: int) -> list[Span]:
    """The hours of one date on the wall's axis; a shift into a special day is cut at its midnight."""
    midnight = (day - _DAY_ZERO) * DAY
    tomorrow = special.get(day + 1)
    latest = DAY if tomorrow is not None and not tomorrow.keep_night else 2 * DAY
    hours = special[day].hours if day in special else _usual(calendar.weekly, day)
    return [(midnight + start, midnight + min(end, latest)) for start, end in hours]


def _usual(seasons: tuple[Season, ...], day: int) -> Hours:
    for season in seasons:
        if season.from_day <= day < season.until_day:
            return season.week[(day - 1) % 7]  # ordinal 1 was a Monday
    return ()


def _joined(spans: list[Span]) -> list[Span]:
    """Sorted, without empty ones, and with those that touch or overlap made into one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined
