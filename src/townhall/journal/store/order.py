"""SQL of numbering: what waits, the order, the head of the tree, checkpoints, followers.

Times are read as whole microseconds by the server, so that it does not matter who made the connection.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime


def micros(column: str) -> str:
    """SQL: a time column as whole microseconds since 1970; 0 for an infinite one, which no time of ours is."""
    return f"CASE WHEN isfinite({column}) THEN (extract(epoch FROM {column}) * 1000000)::bigint ELSE 0 END"


class Waiting(Struct, frozen=True):
    """A block taken for numbering; what its header binds."""

    id: int
    facts: int
    written_at: Instant
    root: bytes
    seal: bytes


class Standing(Struct, frozen=True):
    """How far the record is: numbered blocks and facts, blocks that wait, the last checkpoint (0, 0 when none)."""

    blocks: int
    facts: int
    pending: int
    checkpoint_size: int
    checkpoint_at: Instant


def take_waiting(connection: Connection[Any], limit: int) -> list[Waiting]:
    """Takes committed blocks off the queue, lowest id first.

    One that has lost its row, or is numbered already, stays in the queue for ``verify`` to name.
    """
    rows = connection.execute(
        f"""
        WITH taken AS (
            DELETE FROM fact_pending p USING fact_block b
            WHERE b.id = p.block_id
              AND p.block_id IN (SELECT block_id FROM fact_pending ORDER BY block_id LIMIT %s)
              AND NOT EXISTS (SELECT FROM fact_order o WHERE o.block_id = b.id)
            RETURNING b.id, b.facts, {micros("b.written_at")}, b.root, b.seal
        )
        SELECT * FROM taken ORDER BY id
        """,
        [limit],
        binary=True,
    )
    return [Waiting(*row) for row in rows]


def add_order(connection: Connection[Any], rows: Sequence[tuple[int, int, int, int, bytes]]) -> None:
    """Stores (position, block id, first fact, facts, leaf) rows."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    connection.execute(
        "INSERT INTO fact_order (position, block_id, first_fact, facts, leaf)"
        " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::integer[], %s::bytea[])",
        columns,
    )


def head(connection: Connection[Any]) -> tuple[int, int, bytes]:
    """Size, facts and packed peaks of the tree."""
    row = connection.execute("SELECT size, facts, peaks FROM journal_head", binary=True).fetchone()
    return (row[0], row[1], bytes(row[2])) if row else (0, 0, b"")


def move_head(connection: Connection[Any], old_size: int, size: int, facts: int, peaks: bytes) -> bool:
    """Moves the head on, if it still stands where it was read. Returns whether it did."""
    moved = connection.execute(
        "UPDATE journal_head SET size = %s, facts = %s, peaks = %s WHERE size = %s",
        [size, facts, peaks, old_size],
    )
    return moved.rowcount == 1


def add_checkpoint(connection: Connection[Any], size: int, facts: int, signed: Instant, note: str) -> None:
    """Stores a checkpoint; there is one for each size."""
    connection.execute(
        "INSERT INTO checkpoint (size, facts, signed_at, note) VALUES (%s, %s, %s, %s)",
        [size, facts, to_datetime(signed), note],
    )


def last_checkpoint(connection: Connection[Any]) -> tuple[int, Instant]:
    """Size and time of the last checkpoint; (0, 0) before the first."""
    row = connection.execute(
        f"SELECT size, {micros('signed_at')} FROM checkpoint ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def notes_after(connection: Connection[Any], size: int, limit: int) -> list[tuple[int, str]]:
    """Checkpoints beyond a size, in order."""
    rows = connection.execute(
        "SELECT size, note FROM checkpoint WHERE size > %s ORDER BY size LIMIT %s", [size, limit]
    )
    return [(row[0], row[1]) for row in rows]


def note_at(connection: Connection[Any], size: int) -> str | None:
    """The checkpoint of exactly that size."""
    row = connection.execute("SELECT note FROM checkpoint WHERE size = %s", [size]).fetchone()
    return row[0] if row else None


def waiting_ids(connection: Connection[Any]) -> list[int]:
    """Committed blocks that are not numbered yet."""
    return [row[0] for row in connection.execute("SELECT block_id FROM fact_pending ORDER BY block_id")]


def count_waiting(connection: Connection[Any], block_ids: Sequence[int]) -> int:
    """How many of these still wait for a number."""
    row = connection.execute(
        "SELECT count(*) FROM fact_pending WHERE block_id = ANY(%s)", [list(block_ids)]
    ).fetchone()
    return row[0] if row else 0


def standing(connection: Connection[Any]) -> Standing:
    """How far the record is. Web may ask."""
    row = connection.execute(
        f"""
        SELECT h.size, h.facts, (SELECT count(*) FROM fact_pending), coalesce(c.size, 0),
            coalesce({micros("c.signed_at")}, 0)
        FROM journal_head h
        LEFT JOIN (SELECT size, signed_at FROM checkpoint ORDER BY size DESC LIMIT 1) c ON true
        """
    ).fetchone()
    return Standing(*row) if row else Standing(0, 0, 0, 0, 0)


def announce(connection: Connection[Any], channel: str, payload: str) -> None:
    """Tells listeners, at commit."""
    connection.execute("SELECT pg_notify(%s, %s)", [channel, payload])


def take_cursor(connection: Connection[Any], name: str) -> int | None:
    """The position a follower has to read next, locked until the transaction ends; None when another run has it."""
    connection.execute(
        "INSERT INTO journal_follower (name) VALUES (%s) ON CONFLICT (name) DO NOTHING", [name]
    )
    row = connection.execute(
        "SELECT position FROM journal_follower WHERE name = %s FOR UPDATE SKIP LOCKED", [name]
    ).fetchone()
    return row[0] if row else None


def set_cursor(connection: Connection[Any], name: str, position: int) -> None:
    """Where the follower goes on."""
    connection.execute("UPDATE journal_follower SET position = %s WHERE name = %s", [position, name])


def followed(connection: Connection[Any], position: int, limit: int) -> list[tuple[int, int, int, bytes]]:
    """(position, block id, first fact, body) of numbered blocks from a position on."""
    rows = connection.execute(
        "SELECT o.position, o.block_id, o.first_fact, b.body FROM fact_order o JOIN fact_block b ON b.id = o.block_id"
        " WHERE o.position >= %s AND o.position < %s ORDER BY o.position",
        [position, position + limit],
        binary=True,
    )
    return [(row[0], row[1], row[2], bytes(row[3])) for row in rows]
