"""SQL of identities: who speaks to a brand, under which handle."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints, integers, moments, texts
from townhall.kernel.clock import Instant

Row = tuple[int, int, str, str, str, str, str, bool, Instant]
"""id, brand, network, native id, handle, name, kind, own, first seen."""


def known(connection: Connection[Any], ids: Sequence[int]) -> set[int]:
    """Which of these identities are stored."""
    rows = connection.execute("SELECT id FROM identity WHERE id = ANY(%s)", [bigints(ids)], binary=True)
    return {row[0] for row in rows}


def add(connection: Connection[Any], rows: Sequence[Row]) -> None:
    """Stores new identities; another worker may have been first. Rows must be sorted by id (no deadlocks)."""
    if not rows:
        return
    ids, brands, networks, natives, handles, names, kinds, owns, firsts = zip(*rows, strict=True)
    connection.execute(
        """
        INSERT INTO identity (id, brand_id, network, native_id, handle, name, kind, own, first_seen)
        SELECT * FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::boolean[], %s::timestamptz[])
        ON CONFLICT (id) DO NOTHING
        """,
        [
            bigints(ids), integers(brands), texts(networks), texts(natives), texts(handles), texts(names),
            texts(kinds), list(owns), moments(firsts),
        ],
    )  # fmt: skip
