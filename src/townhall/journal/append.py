"""Append: the last statement of every transaction that changed something."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.journal.logic.block import make_block
from townhall.journal.store import written
from townhall.kernel.fact import Fact, encode


def append(connection: Connection[Any], facts: Sequence[Fact], block_id: int | None = None) -> int:
    """Writes the facts as one block, in the caller's transaction, as worker or as web. Returns the block's id.

    A fact is known for ever as (block id, its index in ``facts``). Without facts nothing is written: 0.
    ``block_id``: one that ``reserve`` gave, when rows of this transaction had to name it first.
    """
    return append_encoded(connection, [encode(fact) for fact in facts], block_id)


def append_encoded(connection: Connection[Any], blobs: Sequence[bytes], block_id: int | None = None) -> int:
    """As ``append``, for facts that ``kernel.fact.encode`` already made into bytes."""
    if not blobs:
        return 0
    return written.add_block(connection, make_block(blobs), block_id)


def reserve(connection: Connection[Any]) -> int:
    """The id of a block that this transaction will append. One that is never used leaves a harmless gap.

    Blocks numbered in the same pass stand in the order of their ids, so take it late: next to the writes.
    """
    return written.next_block(connection)
