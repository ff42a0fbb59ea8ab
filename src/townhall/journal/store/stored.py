"""SQL of checking: reads back what is stored, in pieces, in one snapshot."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.journal.logic.check import Place, StoredBlock
from townhall.journal.store.order import micros
from townhall.kernel.clock import Instant

_BLOCK = f"id, facts, {micros('written_at')}, root, seal, marks, body"


class StoredCheckpoint(Struct, frozen=True):
    """A row of ``checkpoint``."""

    size: int
    facts: int
    signed_at: Instant
    note: str


def hold_still(connection: Connection[Any], snapshot: str = "") -> str:
    """Makes this transaction see one moment, as long as it lasts; the moment of ``snapshot`` if given. Returns it."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    if snapshot:
        connection.execute(f"SET TRANSACTION SNAPSHOT '{_checked(snapshot)}'")
    for limit in ("idle_in_transaction_session_timeout", "statement_timeout", "transaction_timeout"):
        connection.execute("SELECT set_config(name, '0', true) FROM pg_settings WHERE name = %s", [limit])
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    return row[0] if row else ""


def _checked(snapshot: str) -> str:
    if not snapshot.replace("-", "").isalnum():
        raise ValueError(f"not a snapshot: {snapshot!r}")
    return snapshot


def places(connection: Connection[Any], low: int, high: int) -> list[Place]:
    """The order from position ``low`` to before ``high``."""
    rows = connection.execute(
        "SELECT position, block_id, first_fact, facts, leaf FROM fact_order"
        " WHERE position >= %s AND position < %s ORDER BY position",
        [low, high],
        binary=True,
    )
    return [Place(row[0], row[1], row[2], row[3], bytes(row[4])) for row in rows]


def extent(connection: Connection[Any]) -> tuple[int, int]:
    """How many positions there are, judged by the highest, and the facts before them by the head."""
    row = connection.execute(
        "SELECT coalesce(max(position) + 1, 0), coalesce((SELECT facts FROM journal_head), 0) FROM fact_order"
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def blocks(connection: Connection[Any], ids: Sequence[int]) -> dict[int, StoredBlock]:
    """The blocks of these ids."""
    rows = connection.execute(
        f"SELECT {_BLOCK} FROM fact_block WHERE id = ANY(%s)",
        [list(ids)],
        binary=True,
    )
    return {row[0]: StoredBlock(*row[:3], *map(bytes, row[3:])) for row in rows}


def astray(connection: Connection[Any]) -> tuple[int, str] | None:
    """A block that is in neither the order nor the queue, or in both, or a queued one without its row."""
    row = connection.execute(
        """
        (SELECT b.id, 'the block was never queued, or its place in the order was removed' FROM fact_block b
            WHERE NOT EXISTS (SELECT FROM fact_order o WHERE o.block_id = b.id)
              AND NOT EXISTS (SELECT FROM fact_pending p WHERE p.block_id = b.id) ORDER BY b.id LIMIT 1)
        UNION ALL
        (SELECT p.block_id, 'the block waits for a number, but is gone' FROM fact_pending p
            WHERE NOT EXISTS (SELECT FROM fact_block b WHERE b.id = p.block_id) ORDER BY p.block_id LIMIT 1)
        UNION ALL
        (SELECT p.block_id, 'the block is numbered and was queued again' FROM fact_pending p
            WHERE EXISTS (SELECT FROM fact_order o WHERE o.block_id = p.block_id) ORDER BY p.block_id LIMIT 1)
        ORDER BY 1 LIMIT 1
        """
    ).fetchone()
    return (row[0], row[1]) if row else None


def checkpoints_after(connection: Connection[Any], size: int, limit: int) -> list[StoredCheckpoint]:
    """Checkpoints beyond a size, in order."""
    rows = connection.execute(
        f"SELECT size, facts, {micros('signed_at')}, note FROM checkpoint"
        " WHERE size > %s ORDER BY size LIMIT %s",
        [size, limit],
    )
    return [StoredCheckpoint(*row) for row in rows]
