"""SQL of full text by block: narrow by block, then look at the posts."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints, integers
from townhall.database.instants import reader

BLOCK = 256
"""Posts in a block: small enough that a rare word leads to few posts, large enough that a post costs little."""


def add_block(connection: Connection[Any], brand: int, ids: Sequence[int], terms: Iterable[int]) -> None:
    """Makes a run of posts of a brand searchable, soon, by the terms that any of them holds.

    It waits unindexed in the caller's transaction, which costs next to nothing; ``settle`` does the indexing.
    """
    connection.execute(
        "INSERT INTO search_pending (brand_id, low, high, ids, terms) VALUES (%s, %s, %s, %s, %s)",
        [brand, min(ids), max(ids), bigints(ids), integers(sorted(terms))],
    )


def settle(connection: Connection[Any], most: int) -> int:
    """Indexes up to ``most`` waiting runs, oldest first. Gives how many there were."""
    return connection.execute(
        """
        WITH due AS (
            DELETE FROM search_pending WHERE id IN (
                SELECT id FROM search_pending ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING *
        )
        INSERT INTO search_block (brand_id, low, high, ids, terms)
        SELECT brand_id, low, high, ids, terms FROM due ORDER BY id
        """,
        [most],
    ).rowcount


def candidates(
    connection: Connection[Any], brand: int, terms: Sequence[int], below: int, most: int
) -> list[tuple[int, list[int]]]:
    """The newest blocks under ``below`` that hold every term: (their newest id, the ids of their posts).

    Only for the brand of the transaction, whoever asks.
    """
    return (
        reader(connection)
        .execute(
            "SELECT high, ids FROM search_candidates(%s, %s::integer[], %s, %s)",
            [brand, list(terms), below, most],
        )
        .fetchall()
    )


def people(connection: Connection[Any], brand: int, beginning: str, most: int) -> list[int]:
    """Identities whose handle or name begins so. Only for the brand of the transaction."""
    rows = reader(connection).execute("SELECT id FROM search_people(%s, %s, %s)", [brand, beginning, most])
    return [row[0] for row in rows]
