"""Followers: search, archive, webhooks and exports read the record in order, each from its own cursor.

The cursor moves in the same transaction as what the follower did with the facts: a crash repeats and loses nothing.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.journal.logic.block import unframe, unsqueeze
from townhall.journal.logic.tree import Damaged
from townhall.journal.store import order, stored
from townhall.kernel.errors import Broken
from townhall.kernel.fact import Fact, decode


class Numbered(Struct, frozen=True):
    """A numbered block: its position, id, the number of its first fact, and the facts' stored bytes."""

    position: int
    block_id: int
    first_fact: int
    blobs: list[bytes]

    def facts(self) -> list[Fact]:
        """The facts, upcast to today's shape."""
        return [decode(blob) for blob in self.blobs]


def follow(connection: Connection[Any], name: str, limit: int = 100) -> list[Numbered]:
    """The next blocks for the follower ``name``, which is made at first use; empty when another run of it is at work.

    Inside a transaction: the cursor stays locked until it ends. Call ``advance`` before it does.
    Raises ``Broken`` when a block cannot be opened.
    """
    position = order.take_cursor(connection, name)
    if position is None:
        return []
    return [_opened(*row) for row in order.followed(connection, position, limit)]


def advance(connection: Connection[Any], name: str, position: int) -> None:
    """Moves the cursor behind ``position``, the last block that was dealt with, in the transaction of ``follow``."""
    order.set_cursor(connection, name, position + 1)


def blobs(connection: Connection[Any], block_ids: Sequence[int]) -> dict[int, list[bytes]]:
    """The encoded facts of these blocks, numbered or not. Raises ``Broken`` when one cannot be opened."""
    return {
        id: _opened(-1, id, 0, block.body).blobs for id, block in stored.blocks(connection, block_ids).items()
    }


def _opened(position: int, block_id: int, first_fact: int, body: bytes) -> Numbered:
    try:
        return Numbered(position, block_id, first_fact, unframe(unsqueeze(body)))
    except Damaged as damage:
        raise Broken(f"{block_id}/0 (position {position}): {damage}") from damage
