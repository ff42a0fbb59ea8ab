"""Raw deliveries as they lie sealed, for whoever proves that they are what the record says."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.intake.store import LABEL
from townhall.vault import Sealed


def sealed_deliveries(connection: Connection[Any], block_ids: Sequence[int]) -> dict[int, Sealed]:
    """The sealed delivery blocks of these ids; those erased as a whole, or missing, are left out. As worker."""
    rows = connection.execute(
        "SELECT id, key, body FROM delivery_block WHERE id = ANY(%s) AND key IS NOT NULL AND body IS NOT NULL",
        [list(block_ids)],
        binary=True,
    )
    return {row[0]: Sealed(bytes(row[1]), bytes(row[2])) for row in rows}


def delivery_label(block_id: int) -> bytes:
    """What a delivery block was sealed as."""
    return LABEL
