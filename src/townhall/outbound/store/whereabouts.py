"""SQL of a restored outbox: where the database lay, and deliveries that may have gone since the copy was made."""

from typing import Any

from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime


def last_place(conn: Connection[Any]) -> str:
    """Where the database lay when outbound last looked, "" before its first look."""
    row = conn.execute("SELECT place FROM outbound_whereabouts").fetchone()
    return row[0] if row else ""


def note_place(conn: Connection[Any], place: str, now: Instant) -> None:
    """Remembers where it lies."""
    conn.execute(
        'INSERT INTO outbound_whereabouts (place, seen_at) VALUES (%s, %s) ON CONFLICT ("only") DO UPDATE'
        " SET place = excluded.place, seen_at = excluded.seen_at",
        [place, to_datetime(now)],
    )


def doubt_what_was_due(conn: Connection[Any], now: Instant) -> int:
    """Whatever was due may have gone after the copy was made: it is read back before anything else. Gives how many."""
    done = conn.execute(
        "UPDATE delivery SET state = 'unclear', first_attempt_at = coalesce(first_attempt_at, not_before),"
        " not_before = %(now)s, looks = 0, lease = NULL, lease_until = NULL, changed_at = %(now)s,"
        " error = 'the database was restored: this may have gone out already'"
        " WHERE state IN ('waiting', 'attempting', 'overdue') AND not_before <= %(now)s",
        {"now": to_datetime(now)},
    )
    return done.rowcount
