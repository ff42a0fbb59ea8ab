"""Why promises were missed, from the same history that made them."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.analytics.breakdowns import Table
from townhall.analytics.periods import Period
from townhall.care import bulk as care
from townhall.desk.breakdowns import table_of
from townhall.desk.figures import ROWS, Behind
from townhall.desk.missed import missed
from townhall.flow import clocks, history
from townhall.flow.promised import Book
from townhall.kernel.clock import MINUTE, Instant
from townhall.kernel.errors import NotFound
from townhall.people.doors import Asker
from townhall.routing.ledger import Commitment
from townhall.routing.logic.attribution import CAUSES, WORDS, Split, Story, attribute, main_cause, split

_COLUMNS = (
    "id",
    "case_id",
    "metric",
    "queue",
    "started_at",
    "due_at",
    "satisfied_at",
    "cancelled_at",
    "cause_minutes",
    "all_minutes",
)


class Missed(Struct, frozen=True):
    """A promise that was missed, with the working time (microseconds) that each cause took of it."""

    promise: Commitment
    parts: dict[str, Instant]


def told(conn: Connection[Any], asker: Asker, since: Instant, until: Instant, now: Instant) -> list[Missed]:
    """The promises that were missed in a time, each with its causes. Twelve queries, whatever the size. Raises ``Forbidden``."""
    late = missed(conn, asker, since, until, now)
    book = Book()
    book.refresh(conn)
    cases = care.cases_by_id(conn, sorted({c.case for c in late}))
    known = {one.case.id: (one, history.steps(one)) for one in clocks.histories(conn, cases)}
    return [
        Missed(
            c,
            attribute(
                _story(c, *known[c.case], now),
                book.hours.numbered(c.brand, c.calendar, c.calendar_version, c.started),
            ),
        )
        for c in late
    ]


def why_missed(conn: Connection[Any], asker: Asker, since: Instant, until: Instant, now: Instant) -> Split:
    """The promises that were missed in a time, split by cause. Raises ``Forbidden``."""
    return split(one.parts for one in told(conn, asker, since, until, now))


def causes(conn: Connection[Any], asker: Asker, period: Period, now: Instant) -> Table:
    """The same for a period, as a table: causes that took something, the one that cost most promises first."""
    until = now - now % MINUTE
    found = why_missed(conn, asker, until - period.length, until, now)
    rows = tuple(
        (
            cause, WORDS[cause], found.promises[cause], found.promise_share[cause] / 10,
            found.time[cause] // MINUTE, found.time_share[cause] / 10,
        )
        for cause in sorted(CAUSES, key=lambda cause: (-found.promises[cause], -found.time[cause], CAUSES.index(cause)))
        if found.time[cause] or found.promises[cause]
    )  # fmt: skip
    return table_of("causes", period, now, rows)


def behind(
    conn: Connection[Any], asker: Asker, cause: str, period: Period, now: Instant, most: int = ROWS
) -> Behind:
    """The promises that are put down to a cause, at most so many. Raises ``NotFound`` for no such cause."""
    if cause not in CAUSES:
        raise NotFound("There is no such line.")
    until = now - now % MINUTE
    mine = [
        one for one in told(conn, asker, until - period.length, until, now) if main_cause(one.parts) == cause
    ]
    return Behind(_COLUMNS, tuple(_row(one, cause) for one in mine[:most]), len(mine))


def _row(one: Missed, cause: str) -> tuple[Any, ...]:
    c = one.promise
    return (
        c.id, c.case, c.metric, c.queue, c.started, c.due, c.satisfied or None, c.cancelled or None,
        one.parts[cause] // MINUTE, sum(one.parts.values()) // MINUTE,
    )  # fmt: skip


def _story(c: Commitment, one: history.Case, steps: Sequence[history.Step], now: Instant) -> Story:
    received = {post.id: post.received for post in one.posts}
    ended = c.satisfied or c.cancelled or now
    return Story(c.started, ended, received.get(c.post, c.started), tuple(step.event for step in steps))
