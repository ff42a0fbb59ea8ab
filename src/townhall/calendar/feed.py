"""Special days out of an iCal feed (RFC 5545): whole days become closed days, and what is no day off is said, not guessed.

Feeds of public holidays also hold observances that people work on. What a feed itself calls one (in its categories or
description) is left out unless asked for; so is whatever is named. A whole day that comes back each year is laid out for the
years that are asked for.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar as Feed
from msgspec import Struct

from townhall.kernel.errors import Refused

LARGEST = 2_000_000
"""Bytes of a feed."""
MOST_DAYS = 366
"""Longest event, days."""
MOST_FOUND = 20_000
"""Days of all events together: a stranger's feed could lay out each of its thousands for years."""
_RULES = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})


class FeedDay(Struct, frozen=True, order=True):
    """A day of a feed."""

    day: str
    name: str


class Read(Struct, frozen=True):
    """The days off, and what was left out, with why."""

    days: tuple[FeedDay, ...]
    left_out: tuple[tuple[FeedDay, str], ...]


def read_feed(
    source: bytes, first: date, until: date, *, without: Iterable[str] = (), observances: bool = False
) -> Read:
    """The special days of a feed from ``first`` to before ``until``. ``without``: names to leave out, in any case of letters.

    Raises ``Refused`` for what is no iCal, or larger than 2 MB.
    """
    if len(source) > LARGEST:
        raise Refused(f"this feed has more than {LARGEST:,} bytes; give one for the years that matter")
    try:
        events = list(Feed.from_ical(source).walk("VEVENT"))
    except (ValueError, KeyError, IndexError) as error:
        raise Refused(f"this is no iCal feed: {error}") from error
    unwanted = {name.strip().lower() for name in without}
    kept: dict[str, FeedDay] = {}
    left: list[tuple[FeedDay, str]] = []
    found = 0
    for event in events:
        why = _why_not(event, unwanted, observances)
        for one in _days(event, first, until):
            found += 1
            if found > MOST_FOUND:
                raise Refused(
                    f"this feed has more than {MOST_FOUND:,} days; give one for the years that matter"
                )
            if why:
                left.append((one, why))
            else:
                kept.setdefault(one.day, one)
    return Read(tuple(sorted(kept.values())), tuple(sorted(left)))


def _why_not(event: Any, unwanted: set[str], observances: bool) -> str:
    if _text(event, "SUMMARY").lower() in unwanted:
        return "named to be left out"
    if _text(event, "STATUS").upper() == "CANCELLED":
        return "cancelled"
    if not _is_whole_day(event):
        return "not a whole day; give its hours by hand"
    words = f"{_categories(event)} {_text(event, 'DESCRIPTION')}".lower()
    return "an observance" if "observance" in words and not observances else ""


def _is_whole_day(event: Any) -> bool:
    return not isinstance(event.decoded("DTSTART"), datetime)


def _text(event: Any, name: str) -> str:
    return str(event.get(name, "")).strip()


def _categories(event: Any) -> str:
    found = event.get("CATEGORIES")
    if found is None:
        return ""
    several = found if isinstance(found, list) else [found]
    return " ".join(str(one) for group in several for one in getattr(group, "cats", [group]))


def _days(event: Any, first: date, until: date) -> Iterable[FeedDay]:
    start = _day(event.decoded("DTSTART"))
    end = _day(event.decoded("DTEND")) if "DTEND" in event else start + timedelta(days=1)
    length = min(max((end - start).days, 1), MOST_DAYS)
    for begun in _starts(event, start, first - timedelta(days=length), until):
        for step in range(length):
            day = begun + timedelta(days=step)
            if first <= day < until:
                yield FeedDay(day.isoformat(), _text(event, "SUMMARY") or "special day")


def _starts(event: Any, start: date, low: date, until: date) -> list[date]:
    """When it begins: once, or as often as its rule says."""
    rule = event.get("RRULE")
    if rule is None:
        return [start]
    if not set(rule.get("FREQ", [])) <= _RULES:
        raise Refused(f"{_text(event, 'SUMMARY')} comes back by the hour or oftener, as no day off does")
    zero = datetime(start.year, start.month, start.day)  # noqa: DTZ001  a day has no zone
    try:
        told = rrulestr(rule.to_ical().decode(), dtstart=zero, ignoretz=True)
    except ValueError as error:
        raise Refused(f"the rule of {_text(event, 'SUMMARY')} cannot be read: {error}") from error
    low_at, high_at = (datetime(d.year, d.month, d.day) for d in (low, until))  # noqa: DTZ001
    return [one.date() for one in told.between(low_at, high_at, inc=True)]


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
