"""Stops of outbound, and the gate that makes a stop hold from the moment it commits."""

from typing import Any

from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.logic.words import Stop

_GATE = 0x0B0D  # any constant of ours: the one gate of outbound in this database


def pass_gate(conn: Connection[Any]) -> None:
    """Many may try to send at once; whoever shuts the gate waits for them to mark their tries, and then holds it.

    Taken until the transaction ends and before the stops are read: a try that was marked before the stop is known
    to it, and one that comes later sees the stop.
    """
    conn.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_GATE])


def shut_gate(conn: Connection[Any]) -> None:
    """Waits for every try that is being marked, and keeps new ones out until this transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", [_GATE])


def stop(
    conn: Connection[Any], brand_id: int, scope: str, target: str, cause: str, by: str, now: Instant
) -> int | None:
    """Stops; ``None`` when that was stopped already."""
    row = conn.execute(
        "INSERT INTO outbound_stop (brand_id, scope, target, cause, stopped_by, stopped_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [brand_id, scope, target, cause, by, to_datetime(now)],
    ).fetchone()
    return int(row[0]) if row else None


def resume(conn: Connection[Any], brand_id: int, stop_id: int, by: str, now: Instant) -> bool:
    """Ends a stop of this brand; whether it stood."""
    done = conn.execute(
        "UPDATE outbound_stop SET resumed_by = %s, resumed_at = %s WHERE id = %s AND brand_id = %s AND resumed_at IS NULL",
        [by, to_datetime(now), stop_id, brand_id],
    )
    return done.rowcount == 1


def standing(conn: Connection[Any]) -> list[Stop]:
    """The stops in force that this transaction's brand must obey: its own, and any of everything."""
    rows = reader(conn).execute(
        "SELECT id, brand_id, scope, target, cause, stopped_by, stopped_at FROM standing_stops() ORDER BY id"
    )
    return [Stop(*row) for row in rows]


_REACH = """
state = 'attempting' AND brand_id = %(brand)s
    AND (%(scope)s IN ('everything', 'brand')
        OR %(scope)s = 'channel' AND channel = %(target)s
        OR %(scope)s = 'account' AND account_id::text = %(target)s)
ORDER BY id
"""


def in_the_air(
    conn: Connection[Any], brand_id: int, scope: str, target: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Deliveries and deeds of this brand whose try was marked and has not come back: these may still arrive."""
    reach = {"brand": brand_id, "scope": scope, "target": target}
    sent = conn.execute(f"SELECT id FROM delivery WHERE {_REACH}", reach)
    done = conn.execute(f"SELECT id FROM deed WHERE {_REACH}", reach)
    return tuple(row[0] for row in sent), tuple(row[0] for row in done)
