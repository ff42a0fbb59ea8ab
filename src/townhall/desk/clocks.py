"""Promises as clocks on a page. Pure, but for reading a brand's calendars."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.calendar import ALWAYS, Timetable, parse_calendar
from townhall.database.instants import reader
from townhall.desk.views.clocks import SOON, ClockState, ClockView
from townhall.kernel.clock import MINUTE, Instant

Timetables = Mapping[str, Timetable]


class Running(Struct, frozen=True):
    """What a clock is drawn from. ``held_since``: its answer waits for an approver since then (0: it does not)."""

    due: Instant = 0
    metric: str = ""
    target: Instant = 0
    calendar: str = ""
    paused: bool = False
    paused_cause: str = ""
    paused_at: Instant = 0
    held_since: Instant = 0
    satisfied: Instant = 0


def clock_view(running: Running, now: Instant, hours: Timetables) -> ClockView:
    """The promise as shape, text and place. Missed from the first microsecond after it fell due."""
    if running.satisfied:
        return ClockView("met", running.due, running.metric, met_at=running.satisfied)
    if not running.due:
        return ClockView("none")
    if running.paused:
        return ClockView(
            "paused", running.due, running.metric, waits_for=running.paused_cause, since=running.paused_at,
            share_left=_share(running, running.paused_at or now, hours),
        )  # fmt: skip
    late = now > running.due
    minutes = (now - running.due if late else running.due - now) // MINUTE
    held = running.held_since > 0
    state: ClockState = (
        "missed" if late else "approval" if held else "soon" if running.due - now <= SOON else "running"
    )
    return ClockView(
        state, running.due, running.metric, minutes=minutes,
        share_left=0.0 if late else _share(running, now, hours),
        waits_for="approver" if held else "", since=running.held_since,
    )  # fmt: skip


def _share(running: Running, at: Instant, hours: Timetables) -> float:
    if running.target <= 0:
        return 0.0
    table = hours.get(running.calendar) or _table(b"")
    left = table.working_between(min(at, running.due), running.due)
    return max(0.0, min(1.0, left / running.target))


def timetables(conn: Connection[Any], brand: int) -> Timetables:
    """The newest version of each calendar of a brand, by slug. One query; documents are read once."""
    rows = reader(conn).execute(
        "SELECT DISTINCT ON (slug) slug, document::text FROM calendar_version WHERE brand_id = %s"
        " ORDER BY slug, version DESC",
        [brand],
    )
    return {slug: _table(document.encode()) for slug, document in rows}


@lru_cache(maxsize=256)
def _table(document: bytes) -> Timetable:
    return Timetable(parse_calendar(msgspec.json.decode(document)) if document else ALWAYS)
