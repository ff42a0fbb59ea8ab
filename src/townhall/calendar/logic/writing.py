"""A ``Calendar`` as the document it could have been read from: the inverse of ``document.parse_calendar``."""

from datetime import date
from typing import Any

from townhall.calendar.logic.model import END_DAY, FIRST_DAY, Calendar, Hours, Season, SpecialDay
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def write_calendar(calendar: Calendar) -> dict[str, Any]:
    """The calendar's document: plain values, for JSON or YAML. Reading it gives the same calendar."""
    document: dict[str, Any] = {"id": calendar.id, "version": calendar.version, "zone": calendar.zone}
    whole = len(calendar.weekly) == 1 and calendar.weekly[0] == Season(calendar.weekly[0].week)
    if whole:
        document["weekly"] = _week(calendar.weekly[0].week)
    else:
        document["seasons"] = [_season(season) for season in calendar.weekly]
    if calendar.exceptions:
        document["exceptions"] = [_special(day) for day in calendar.exceptions]
    return document


def _season(season: Season) -> dict[str, Any]:
    row: dict[str, Any] = {"weekly": _week(season.week)}
    if season.from_day != FIRST_DAY:
        row["from"] = date.fromordinal(season.from_day).isoformat()
    if season.until_day != END_DAY:
        row["until"] = date.fromordinal(season.until_day).isoformat()
    return row


def _week(week: tuple[Hours, ...]) -> dict[str, list[str]]:
    return {day: [_span(*span) for span in hours] for day, hours in zip(_DAYS, week, strict=True) if hours}


def _special(special: SpecialDay) -> dict[str, Any]:
    row: dict[str, Any] = {"date": date.fromordinal(special.day).isoformat()}
    if special.hours:
        row["open"] = [_span(*span) for span in special.hours]
    if special.name:
        row["name"] = special.name
    if special.keep_night:
        row["keep_night"] = True
    return row


def _span(start: int, end: int) -> str:
    return f"{_clock(start)}-{_clock(end if end <= DAY else end - DAY)}"


def _clock(at: int) -> str:
    hours, rest = divmod(at, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, micro = divmod(rest, SECOND)
    text = f"{hours:02}:{minutes:02}"
    if seconds or micro:
        text += f":{seconds:02}" + (f".{micro:06}" if micro else "")
    return text
