"""Accounts that should be heard and are not: what is wrong, since when, and whether anybody was told of it."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

KIND = "deaf"
"""The kind of the notices."""

# one event is told once: that of a lost token, and that of a trouble that stays, from where its gap began
_TROUBLED = """
SELECT * FROM (
    SELECT h.brand_id, h.account_id, a.channel, a.handle, h.state, h.since,
        'account/' || h.account_id || CASE WHEN h.state = 'no_token' THEN '/token/' ELSE '/behind/' END
            || (extract(epoch FROM coalesce(g.began_at, h.since)) * 1000000)::bigint AS cause
    FROM account_health h JOIN account a ON a.id = h.account_id
    LEFT JOIN LATERAL (SELECT began_at FROM channel_gap WHERE account_id = h.account_id AND ended_at IS NULL
        ORDER BY began_at DESC LIMIT 1) g ON true
    WHERE a.reading AND (h.state = 'no_token' OR (h.state IN ('behind', 'failing', 'limited') AND h.since <= %(stays)s))
) troubled
WHERE NOT EXISTS (SELECT 1 FROM notice_told t WHERE t.brand_id = troubled.brand_id AND t.cause = troubled.cause)
ORDER BY account_id LIMIT 200
"""
_OVER = """
SELECT DISTINCT n.brand_id, n.subject FROM notice n
WHERE n.acknowledged_at IS NULL AND n.kind = %s AND NOT EXISTS (
    SELECT 1 FROM account_health h JOIN account a ON a.id = h.account_id
    WHERE 'account/' || h.account_id = n.subject AND a.reading
        AND h.state IN ('no_token', 'behind', 'failing', 'limited', 'new'))
"""


class Deaf(Struct, frozen=True):
    """An account in trouble of which nobody was told. ``cause`` names that very event."""

    brand: int
    account: int
    channel: str
    handle: str
    state: str
    since: Instant
    cause: str


def untold(conn: Connection[Any], stays_since: Instant) -> list[Deaf]:
    """Accounts without a valid token, and those in other trouble since before that moment, of which nobody was told."""
    rows = reader(conn).execute(_TROUBLED, {"stays": to_datetime(stays_since)})
    return [Deaf(*row) for row in rows]


def over(conn: Connection[Any]) -> list[tuple[int, str]]:
    """(brand, subject) of open notices about accounts that are heard again, or that somebody paused."""
    return [(row[0], row[1]) for row in conn.execute(_OVER, [KIND])]
