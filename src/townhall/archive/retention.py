"""SQL of retention: the firm's choices by channel, each in place of the one before, and exceptions for single posts."""

from typing import Any

from psycopg import Connection

from townhall.archive.logic import Choice, RetentionRule
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_RULE = "id, channel, choice, basis, made_by, made_at"


def rules(conn: Connection[Any], brand: int) -> dict[str, RetentionRule]:
    """Channel → the choice in force there."""
    rows = reader(conn).execute(
        f"SELECT DISTINCT ON (channel) {_RULE} FROM retention_rule WHERE brand_id = %s ORDER BY channel, id DESC", [brand]
    )  # fmt: skip
    return {row[1]: RetentionRule(*row) for row in rows}


def history(conn: Connection[Any], brand: int, most: int) -> list[RetentionRule]:
    """Every choice that was made, the newest first."""
    rows = reader(conn).execute(
        f"SELECT {_RULE} FROM retention_rule WHERE brand_id = %s ORDER BY id DESC LIMIT %s", [brand, most]
    )
    return [RetentionRule(*row) for row in rows]


def choose(
    conn: Connection[Any], brand: int, channel: str, choice: Choice, basis: str, staff: int, name: str, replaces: int,
    now: Instant,
) -> int:  # fmt: skip
    """Keeps a choice in place of ``replaces`` (0: the first). Gives its id, 0 when another took that place already."""
    row = conn.execute(
        "INSERT INTO retention_rule (brand_id, channel, choice, basis, replaces, staff_id, made_by, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [brand, channel, choice, basis, replaces, staff, name, to_datetime(now)],
    ).fetchone()
    return int(row[0]) if row else 0


def exempt(
    conn: Connection[Any],
    brand: int,
    post: int,
    choice: Choice,
    reason: str,
    staff: int,
    name: str,
    now: Instant,
) -> int:
    """Keeps an exception for a post. Gives its id, 0 when one stands already."""
    row = conn.execute(
        "INSERT INTO retention_exemption (brand_id, post_id, choice, reason, staff_id, made_by, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [brand, post, choice, reason, staff, name, to_datetime(now)],
    ).fetchone()
    return int(row[0]) if row else 0


def take_back(conn: Connection[Any], brand: int, exemption: int, name: str, now: Instant) -> int:
    """Ends an exception. Gives its post, 0 when it does not stand."""
    row = conn.execute(
        "UPDATE retention_exemption SET undone_by = %s, undone_at = %s"
        " WHERE id = %s AND brand_id = %s AND undone_at IS NULL RETURNING post_id",
        [name, to_datetime(now), exemption, brand],
    ).fetchone()
    return int(row[0]) if row else 0
