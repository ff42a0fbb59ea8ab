"""SQL of full text by block: narrow by block, then look at the posts."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from townhall.database.instants import reader

BLOCK = 256
"""Posts in a block: small enough that a rare word leads to few posts, large enough that a post costs little."""


def add_posts(connection: Connection[Any], brand: int, posts: Sequence[tuple[int, Iterable[int]]]) -> int:
    """Makes posts of a brand searchable: (id, terms), in order of id. Gives the number of blocks written."""
    rows = []
    for start in range(0, len(posts), BLOCK):
        block = posts[start : start + BLOCK]
        ids = [id for id, _ in block]
        terms = sorted({term for _, own in block for term in own})
        rows.append((brand, min(ids), max(ids), ids, terms))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO search_block (brand_id, low, high, ids, terms) VALUES (%s, %s, %s, %s, %s::integer[])",
            rows,
        )
    return len(rows)


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
