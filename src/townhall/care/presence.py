"""SQL of who looks at a case and who is writing: rows that go stale by themselves."""

from typing import Any

from psycopg import Connection

from townhall.kernel.clock import DAY, SECOND, Instant, to_datetime

STALE_AFTER: Instant = 30 * SECOND
"""Somebody not heard of for this long has left."""
TYPING_FOR: Instant = 8 * SECOND
"""A keystroke counts as typing for this long."""


def look(
    connection: Connection[Any],
    brand: int,
    case: int,
    staff: int,
    name: str,
    now: Instant,
    *,
    typing: bool = False,
) -> None:
    """Somebody has a case open now, and perhaps writes. Pages call it every ten seconds."""
    connection.execute(
        """
        INSERT INTO case_viewing AS v (case_id, staff_id, brand_id, name, seen_at, typed_at)
        VALUES (%(case)s, %(staff)s, %(brand)s, %(name)s, %(now)s, CASE WHEN %(typing)s THEN %(now)s::timestamptz END)
        ON CONFLICT (case_id, staff_id) DO UPDATE
            SET seen_at = excluded.seen_at, typed_at = coalesce(excluded.typed_at, v.typed_at), name = excluded.name
        """,
        {
            "case": case,
            "staff": staff,
            "brand": brand,
            "name": name,
            "now": to_datetime(now),
            "typing": typing,
        },
    )


def leave(connection: Connection[Any], case: int, staff: int) -> None:
    """Somebody closed the page."""
    connection.execute("DELETE FROM case_viewing WHERE case_id = %s AND staff_id = %s", [case, staff])


def colleague_typing(connection: Connection[Any], case: int, staff: int, now: Instant) -> str:
    """The name of somebody else who is writing an answer now, "" if nobody is."""
    row = connection.execute(
        "SELECT name FROM case_viewing WHERE case_id = %s AND staff_id <> %s AND typed_at > %s ORDER BY typed_at DESC LIMIT 1",
        [case, staff, to_datetime(now - TYPING_FOR)],
    ).fetchone()
    return str(row[0]) if row else ""


def sweep(connection: Connection[Any], now: Instant) -> int:
    """Forgets who looked at what more than a day ago; until then it tells that a case was not left untouched. Gives how many."""
    return connection.execute(
        "DELETE FROM case_viewing WHERE seen_at < %s", [to_datetime(now - DAY)]
    ).rowcount
