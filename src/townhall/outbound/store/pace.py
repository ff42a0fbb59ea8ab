"""How much of an account's may be on its way at once, while a statement adds to it: one process at a time counts."""

from typing import Any

from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.store.statements import Reply

AT_ONCE = 20
"""Deliveries of one account that may be on their way when a statement adds to them: it never crowds out other answers."""
_PACE = 0x70616365
"""The space of the advisory locks by which one process at a time counts what an account has on its way."""


def room(conn: Connection[Any], statement_id: int, now: Instant) -> dict[int, int]:
    """How many more replies of each account may go on their way now: none while its network asked it to pause.

    An account is counted in one hand at a time, until that transaction ends: what another let go and has not committed is not
    seen, and would be let go twice over. The count is a statement of its own, so that it sees what the one before committed.
    """
    held = _accounts_in_hand(conn, statement_id)
    rows = conn.execute(
        """
        SELECT a.account_id, %(most)s - (SELECT count(*) FROM delivery d WHERE d.account_id = a.account_id
            AND d.state IN ('waiting', 'attempting', 'unclear'))
        FROM unnest(%(held)s::integer[]) AS a (account_id)
        WHERE NOT EXISTS (SELECT 1 FROM account_pace p WHERE p.account_id = a.account_id AND p.resume_at > %(now)s)
        """,
        {"most": AT_ONCE, "held": held, "now": to_datetime(now)},
    )
    return {account: left for account, left in rows if left > 0}


def _accounts_in_hand(conn: Connection[Any], statement_id: int) -> list[int]:
    """The accounts of cases that wait, as far as nobody else counts them now; nobody waits for anybody."""
    rows = conn.execute(
        """
        SELECT account_id FROM (
            SELECT DISTINCT account_id FROM statement_reply WHERE statement_id = %s AND state = 'waiting' ORDER BY account_id
        ) a WHERE pg_try_advisory_xact_lock(%s, account_id)
        """,
        [statement_id, _PACE],
    )
    return [row[0] for row in rows]


def next_waiting(conn: Connection[Any], statement_id: int, accounts: dict[int, int]) -> list[Reply]:
    """The next cases of each account, no more than it has room for; locked, those in somebody's hand left out."""
    rows = (
        reader(conn)
        .execute(
            """
            SELECT r.statement_id, r.case_id, r.account_id, r.seen_post, r.seen_at
            FROM unnest(%s::integer[], %s::integer[]) AS a (account, room) CROSS JOIN LATERAL (
                SELECT * FROM statement_reply r WHERE r.statement_id = %s AND r.account_id = a.account AND r.state = 'waiting'
                ORDER BY r.case_id LIMIT a.room FOR UPDATE SKIP LOCKED
            ) r ORDER BY r.case_id
            """,
            [list(accounts), list(accounts.values()), statement_id],
        )
        .fetchall()
    )
    return [Reply(*row) for row in rows]
