"""Missed promises of a brand, for asking why: those that were answered late, given up late, or are overdue now."""

from typing import Any

from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.people.doors import Asker, require
from townhall.routing.ledger import Commitment

MOST = 5_000
"""Promises looked at in one go, those that fell due last."""


def missed(
    conn: Connection[Any], asker: Asker, since: Instant, until: Instant, now: Instant
) -> list[Commitment]:
    """Promises that fell due in that time and were missed, the newest first. One query. Raises ``Forbidden``."""
    require(asker, "read_live")
    rows = reader(conn).execute(
        """
        SELECT id, brand_id, case_id, post_id, metric, priority, queue, target, calendar, policy_id, started_at, due_at,
            coalesce(satisfied_at, 'epoch'), satisfied_by, coalesce(cancelled_at, 'epoch'), cause,
            coalesce(paused_at, 'epoch'), calendar_version
        FROM commitment
        WHERE brand_id = %(brand)s AND due_at >= %(since)s AND due_at < least(%(until)s, %(now)s) AND paused_at IS NULL
            AND coalesce(satisfied_at, cancelled_at, 'infinity') > due_at AND cause <> 'undone'
        ORDER BY due_at DESC, id DESC LIMIT %(most)s
        """,
        {
            "brand": asker.brand_id, "since": to_datetime(since), "until": to_datetime(until),
            "now": to_datetime(now), "most": MOST,
        },
    )  # fmt: skip
    return [Commitment(*row) for row in rows]


def overlapping(conn: Connection[Any], account: int, since: Instant, until: Instant) -> list[int]:
    """Cases of an account with a promise that ran in that time (``until`` 0: or begins later), in order of id."""
    rows = conn.execute(
        """
        SELECT DISTINCT c.id FROM cases c JOIN commitment p ON p.case_id = c.id
        WHERE c.account_id = %s AND coalesce(p.satisfied_at, p.cancelled_at, 'infinity') > %s
            AND p.started_at < coalesce(%s::timestamptz, 'infinity') ORDER BY c.id
        """,
        [account, to_datetime(since), to_datetime(until) if until else None],
    )
    return [row[0] for row in rows]
