"""One account: how connecting it stands, what was missed and filled, and what its network brought."""

from typing import Any

import psycopg
from msgspec import Struct

from townhall.database.instants import reader
from townhall.desk.channels import ChannelLine, channels
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound

_GAPS = 20


class Gap(Struct, frozen=True):
    """Time in which nothing was read (``ended_at`` 0: it is open), and how many items came when it was filled."""

    began_at: Instant
    ended_at: Instant
    cause: str
    filled: int


class AccountPage(Struct, frozen=True):
    """``verified_at`` is when the network first said whom the access speaks for (0: not yet). ``deliveries`` are
    (outcome, how many) of what was brought."""

    line: ChannelLine
    native_id: str
    search: str
    verified_at: Instant
    gaps: tuple[Gap, ...]
    deliveries: tuple[tuple[str, int], ...]


def account_page(conn: psycopg.Connection, brand: int, account_id: int, now: Instant) -> AccountPage:
    """One account of the brand. Raises ``NotFound``."""
    line = next((one for one in channels(conn, brand, now) if one.account_id == account_id), None)
    if line is None:
        raise NotFound("There is no such account at this brand.")
    row = _one(conn, account_id)
    return AccountPage(line, row[0], row[1], row[2], _gaps(conn, account_id), _deliveries(conn, account_id))


def _one(conn: psycopg.Connection, account_id: int) -> tuple[Any, ...]:
    row = (
        reader(conn)
        .execute(
            """
            SELECT a.native_id, coalesce(a.settings->>'search', ''), coalesce(h.verified_at, 'epoch')
            FROM account a LEFT JOIN account_health h ON h.account_id = a.id WHERE a.id = %s
            """,
            [account_id],
        )
        .fetchone()
    )
    assert row
    return row


def _gaps(conn: psycopg.Connection, account_id: int) -> tuple[Gap, ...]:
    rows = reader(conn).execute(
        "SELECT began_at, coalesce(ended_at, 'epoch'), cause, filled FROM channel_gap WHERE account_id = %s"
        " ORDER BY began_at DESC LIMIT %s",
        [account_id, _GAPS],
    )
    return tuple(Gap(*row) for row in rows)


def _deliveries(conn: psycopg.Connection, account_id: int) -> tuple[tuple[str, int], ...]:
    rows = conn.execute(
        "SELECT outcome, sum(hits)::bigint FROM delivery_count WHERE account_id = %s GROUP BY 1 ORDER BY 1",
        [account_id],
    )
    return tuple((row[0], row[1]) for row in rows)
