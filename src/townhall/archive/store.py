"""SQL of full text by block: narrow by block, then look at the posts."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from townhall.database.instants import reader

BLOCK = 256
"""Posts in a block: small enough that a rare word leads to few posts, large enough that a post costs little."""


def add_block(connection: Connection[Any], brand: int, ids: Sequence[int], terms: Iterable[int]) -> None:
    """Makes a run of posts of a brand searchable by the terms that any of them holds."""
    connection.execute(
        "INSERT INTO search_block (brand_id, low, high, ids, terms) VALUES (%s, %s, %s, %s::bigint[], %s::integer[])",
        [brand, min(ids), max(ids), list(ids), sorted(terms)],
    )


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
