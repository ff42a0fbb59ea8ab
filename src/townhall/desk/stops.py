"""Stops in force at a brand, and how many replies are on their way."""

import psycopg
from msgspec import Struct

from townhall.kernel.clock import Instant


class StopLine(Struct, frozen=True):
    """A stop that nobody has released. ``words`` say what it stops."""

    id: int
    words: str
    cause: str
    stopped_by: str
    stopped_at: Instant


def stops(conn: psycopg.Connection, brand_id: int) -> list[StopLine]:
    """The stops that touch the brand, newest first."""
    rows = conn.execute(
        "SELECT s.id, s.scope, coalesce(a.handle, s.target), s.cause, s.stopped_by, s.stopped_at FROM standing_stops() s"
        " LEFT JOIN account a ON s.scope = 'account' AND a.id::text = s.target AND a.brand_id = %s ORDER BY s.id DESC",
        [brand_id],
    )
    return [StopLine(row[0], _words(row[1], row[2]), *row[3:]) for row in rows]


def waiting(conn: psycopg.Connection, brand_id: int) -> int:
    """Replies that were released and have not left; stops counting at 10,000."""
    row = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE brand_id = %s AND state IN ('waiting', 'attempting', 'unclear')"
        " LIMIT 10000) d",
        [brand_id],
    ).fetchone()
    assert row
    return int(row[0])


def _words(scope: str, target: str) -> str:
    whole = {"everything": "everything, at every brand", "brand": "everything of this brand"}
    return whole.get(scope, f"{scope} {target}")
