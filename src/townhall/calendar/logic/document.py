"""A calendar's document (from YAML or JSON) made into a ``Calendar``; what is wrong is refused by name.

::

    id: care-uk
    version: 3
    zone: Europe/London
    weekly: {mon-fri: ["09:00-12:30", "13:30-17:30"], sat: ["10:00-14:00"]}
    exceptions:
      - {date: 2026-12-24, open: ["09:00-12:00"], name: Christmas Eve}
      - {date: 2026-12-25, name: Christmas Day}

``weekly: always`` is open around the clock. Instead of ``weekly`` there may be ``seasons``, a list of
``{from: date, until: date (not included), weekly: …}``. An interval whose end is not after its start runs overnight.
"""

import re
from datetime import date, datetime
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

from townhall.calendar.logic.model import END_DAY, FIRST_DAY, Calendar, Hours, Season, SpecialDay
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND
from townhall.kernel.errors import Refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?"
_INTERVAL = re.compile(rf"\s*{_TIME}\s*[-–]\s*{_TIME}\s*", re.ASCII)
_MOST = 10_000
"""More seasons or special days than anybody keeps: a document past it is a mistake or an attack."""


def parse_calendar(doc: dict[str, Any]) -> Calendar:
    """The calendar of a document. Raises ``Refused`` that names the field and says what it may be."""
    _only(doc, "calendar", {"id", "version", "zone", "weekly", "seasons", "exceptions", "name"})
    if ("weekly" in doc) == ("seasons" in doc):
        raise Refused("calendar: give either weekly or seasons, one of the two")
    return Calendar(
        id=_text(doc, "id"),
        version=_version(doc.get("version", 1)),
        zone=_zone(_text(doc, "zone")),
        weekly=_seasons(doc),
        exceptions=_exceptions(doc.get("exceptions") or []),
    )


def _only(doc: object, where: str, known: set[str]) -> None:
    if not isinstance(doc, dict):
        raise Refused(f"{where}: expected a mapping of {', '.join(sorted(known))}")
    unknown = [str(k) for k in doc if k not in known]
    if unknown:
        raise Refused(f"{where}: unknown field {unknown[0]}; known are {', '.join(sorted(known))}")


def _text(doc: dict[str, Any], field: str) -> str:
    value = doc.get(field)
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"calendar.{field}: a text is needed")
    return value.strip()


def _version(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refused("calendar.version: a whole number from 1 is needed")
    return value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise Refused(f"calendar.zone: {name} is no IANA time zone; one is Europe/London") from error
    return name


def _seasons(doc: dict[str, Any]) -> tuple[Season, ...]:
    if "weekly" in doc:
        return (Season(_week(doc["weekly"], "weekly")),)
    rows = _rows(doc["seasons"], "seasons")
    seasons = sorted((_season(row, f"seasons[{i}]") for i, row in enumerate(rows)), key=lambda s: s.from_day)
    for earlier, later in pairwise(seasons):
        if later.from_day < earlier.until_day:
            raise Refused(
                f"seasons: {_iso(later.from_day)} is in two seasons; let one end where the next begins"
            )
    if not seasons:
        raise Refused("seasons: at least one is needed")
    return tuple(seasons)


def _season(row: dict[str, Any], where: str) -> Season:
    _only(row, where, {"from", "until", "weekly", "name"})
    start = _day(row["from"], f"{where}.from") if row.get("from") is not None else FIRST_DAY
    until = _day(row["until"], f"{where}.until") if row.get("until") is not None else END_DAY
    if until <= start:
        raise Refused(f"{where}.until: must be after from; it is the first day that no longer counts")
    return Season(_week(row.get("weekly"), f"{where}.weekly"), start, until)


def _week(value: object, where: str) -> tuple[Hours, ...]:
    if value == "always":
        return (((0, DAY),),) * 7
    if not isinstance(value, dict):
        raise Refused(f"{where}: expected always, or days with their hours, such as mon-fri: [09:00-17:00]")
    week: dict[int, Hours] = {}
    for key, intervals in value.items():
        for day in _span_of_days(str(key), where):
            if day in week:
                raise Refused(f"{where}.{key}: {DAYS[day]} is given twice")
            week[day] = _hours(intervals, f"{where}.{key}")
    return tuple(week.get(day, ()) for day in range(7))


def _span_of_days(key: str, where: str) -> list[int]:
    first, _, last = key.strip().lower().partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise Refused(f"{where}.{key}: no such day; write {', '.join(DAYS)} or a range such as mon-fri")
    start, length = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % 7
    return [(start + step) % 7 for step in range(length + 1)]


def _hours(value: object, where: str) -> Hours:
    if value == "always":
        return ((0, DAY),)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise Refused(f"{where}: expected intervals such as [09:00-12:30, 13:30-17:30]")
    hours = sorted(_interval(text, where) for text in texts)
    for (_, end), (start, _) in pairwise(hours):
        if start < end:
            raise Refused(f"{where}: two intervals overlap; join them into one")
    return tuple(hours)


def _interval(text: object, where: str) -> tuple[int, int]:
    found = _INTERVAL.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Refused(f"{where}: {text!r} is no interval; write it like 09:00-17:30 (in quotes)")
    start, end = _clock(found.groups()[:4], where), _clock(found.groups()[4:], where)
    if start >= DAY or start == end:
        raise Refused(f"{where}: {text} is empty or starts after the day; around the clock is 00:00-24:00")
    return (start, end if end > start else end + DAY)


def _clock(parts: tuple[str | None, ...], where: str) -> int:
    hour, minute, second = (int(part or 0) for part in parts[:3])
    micro = int((parts[3] or "0").ljust(6, "0"))
    at = hour * HOUR + minute * MINUTE + second * SECOND + micro
    if minute > 59 or second > 59 or at > DAY:
        raise Refused(f"{where}: {hour}:{minute:02} is no time of day (00:00 to 24:00)")
    return at


def _exceptions(value: object) -> tuple[SpecialDay, ...]:
    days = [_special(row, f"exceptions[{i}]") for i, row in enumerate(_rows(value, "exceptions"))]
    seen: set[int] = set()
    for special in days:
        if special.day in seen:
            raise Refused(f"exceptions: {_iso(special.day)} is given twice")
        seen.add(special.day)
    return tuple(sorted(days, key=lambda special: special.day))


def _special(row: dict[str, Any], where: str) -> SpecialDay:
    _only(row, where, {"date", "open", "name", "keep_night"})
    keep = row.get("keep_night", False)
    if not isinstance(keep, bool):
        raise Refused(f"{where}.keep_night: true or false")
    hours = _hours(row.get("open") or [], f"{where}.open")
    return SpecialDay(_day(row.get("date"), f"{where}.date"), hours, str(row.get("name") or ""), keep)


def _rows(value: object, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise Refused(f"{where}: expected a list of at most {_MOST:,} mappings")
    return cast("list[dict[str, Any]]", value)


def _day(value: object, where: str) -> int:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise Refused(f"{where}: {value!r} is no date; write it like 2026-12-25") from error
    ordinal = (day.date() if isinstance(day, datetime) else day).toordinal()
    if not FIRST_DAY <= ordinal <= END_DAY:
        raise Refused(f"{where}: {day} is outside 1900 to 2200")
    return ordinal


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
