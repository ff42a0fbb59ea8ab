"""SQL for everybody who writes: blocks of facts and sealed content."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.journal.logic.block import Block
from townhall.vault import Sealed


def next_block(connection: Connection[Any]) -> int:
    """A fresh block number."""
    return _one(connection, "SELECT nextval('fact_block_number')")


def add_block(connection: Connection[Any], block: Block, block_id: int | None = None) -> int:
    """Stores a block and queues it for numbering, in one round trip. Returns its number."""
    return _one(
        connection,
        """
        WITH stored AS (
            INSERT INTO fact_block (id, facts, root, seal, marks, body)
            VALUES (coalesce(%b, nextval('fact_block_number')), %b, %b, %b, %b, %b) RETURNING id
        ), queued AS (INSERT INTO fact_pending (block_id) SELECT id FROM stored)
        SELECT id FROM stored
        """,
        [block_id, block.facts, block.root, block.seal, block.marks, block.body],
    )


def next_content(connection: Connection[Any]) -> int:
    """A fresh content block number."""
    return _one(connection, "SELECT nextval('content_block_number')")


def add_content(connection: Connection[Any], block_id: int, kind: str, items: int, sealed: Sealed) -> None:
    """Stores one sealed content block."""
    connection.execute(
        "INSERT INTO content_block (id, kind, items, key, body) VALUES (%b, %b, %b, %b, %b)",
        [block_id, kind, items, sealed.key, sealed.body],
    )


def content(connection: Connection[Any], block_ids: Sequence[int]) -> dict[int, Sealed]:
    """The sealed content blocks of these ids; those erased as a whole, or missing, are left out."""
    rows = connection.execute(
        "SELECT id, key, body FROM content_block WHERE id = ANY(%s) AND key IS NOT NULL AND body IS NOT NULL",
        [list(block_ids)],
        binary=True,
    )
    return {row[0]: Sealed(bytes(row[1]), bytes(row[2])) for row in rows}


def _one(connection: Connection[Any], query: str, values: Sequence[Any] = ()) -> int:
    row = connection.execute(query, values, binary=True).fetchone()
    assert row is not None
    return int(row[0])
