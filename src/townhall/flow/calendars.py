"""Hours of a brand: a new version takes over on a day, and time that has passed keeps the hours it had."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.calendar import Calendar, Timetable, parse_calendar, succeed, write_calendar
from townhall.calendar.feed import FeedDay
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.routing import ledger
from townhall.routing import store as routing

LOOK_AHEAD = 400
"""Days over which two versions are compared."""


class DayChange(Struct, frozen=True):
    """A day whose working time a new version changes, in minutes."""

    day: str
    before: int
    after: int


class NewHours(Struct, frozen=True):
    """A new version before it is kept: the whole document, from when it holds, and the days it changes."""

    slug: str
    document: dict[str, Any]
    from_day: str
    changes: tuple[DayChange, ...]
    version: int = 0


def draw_up(
    conn: Connection[Any], brand: int, document: dict[str, Any], from_day: date | None, now: Instant
) -> NewHours:
    """What a document would be as the next version: the old hours until ``from_day`` (tomorrow there, when not given), its own from
    then on. Raises ``Refused`` for a document that is wrong, and for a day that has begun."""
    fresh = parse_calendar(document)
    stored = ledger.calendar_document(conn, brand, fresh.id)
    if stored is None:
        start = from_day.isoformat() if from_day else ""
        return NewHours(fresh.id, write_calendar(fresh), start, ())
    old = parse_calendar(stored)
    tomorrow = _today(old, now) + timedelta(days=1)
    day = from_day or tomorrow
    if day < tomorrow:
        raise Refused(f"{day} has begun or passed; new hours hold from {tomorrow} at the earliest")
    both = succeed(old, fresh, day)
    return NewHours(fresh.id, write_calendar(both), day.isoformat(), tuple(_changes(old, both, day)))


def with_days(
    conn: Connection[Any], brand: int, slug: str, days: tuple[FeedDay, ...], now: Instant
) -> NewHours:
    """The newest hours with these days closed, from tomorrow on. A special day that stands already stays as it is."""
    stored = ledger.calendar_document(conn, brand, slug)
    if stored is None:
        raise NotFound(f"There is no calendar {slug} at this brand.")
    known = {row["date"] for row in stored.get("exceptions", [])}
    added = [{"date": one.day, "name": one.name} for one in days if one.day not in known]
    changed = stored | {
        "exceptions": sorted([*stored.get("exceptions", []), *added], key=lambda row: row["date"])
    }
    return draw_up(conn, brand, changed, None, now)


def keep(conn: Connection[Any], brand: int, new: NewHours, now: Instant, actor: str) -> NewHours:
    """Keeps a version, with its fact. Promises that stand are not moved."""
    version = routing.add_calendar(conn, brand, new.slug, msgspec.json.encode(new.document).decode())
    fact = Fact(
        type="townhall.calendar.changed", subject=f"calendar/{new.slug}", time=now, brand=brand, actor=actor,
        data={"version": version, "from": new.from_day, "days": len(new.changes)},
    )  # fmt: skip
    journal.append(conn, [fact])
    return msgspec.structs.replace(new, version=version)


def _today(calendar: Calendar, now: Instant) -> date:
    return to_datetime(now).astimezone(ZoneInfo(calendar.zone)).date()


def _changes(old: Calendar, new: Calendar, day: date) -> list[DayChange]:
    before, after = Timetable(old), Timetable(new)
    found = []
    for step in range(LOOK_AHEAD):
        one = day + timedelta(days=step)
        was, will = (_minutes(table, one) for table in (before, after))
        if was != will:
            found.append(DayChange(one.isoformat(), was, will))
    return found


def _minutes(table: Timetable, day: date) -> int:
    start, end = table.span_of(day)
    return table.working_between(start, end) // 60_000_000
