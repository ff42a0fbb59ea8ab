"""Cases that nothing is owed in and that nobody has written to for a while."""

import psycopg

from townhall.kernel.clock import Instant, to_datetime


def quiet_cases(conn: psycopg.Connection, brand_id: int, before: Instant, limit: int = 50) -> list[int]:
    """Open or waiting cases without a running promise whose last word is older than ``before``, by id."""
    rows = conn.execute(
        "SELECT id FROM cases WHERE brand_id = %s AND state IN ('open', 'waiting') AND due_at IS NULL"
        " AND greatest(last_in_at, coalesce(last_out_at, last_in_at)) < %s ORDER BY id LIMIT %s",
        [brand_id, to_datetime(before), limit],
    )
    return [row[0] for row in rows]
