"""SQL of what left for the networks, for whoever learns from it."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


class Departure(Struct, frozen=True):
    """Words that left for a network, the customer's post that they answer (0: none), and when that was known."""

    brand: int
    release: int
    post: int
    text: str
    at: Instant


def since(conn: Connection[Any], moment: Instant, most: int) -> list[Departure]:
    """What left and was known to have left since a moment, and holds an address, oldest first."""
    rows = reader(conn).execute(
        "SELECT d.brand_id, r.id, r.reply_to, r.text, d.changed_at FROM delivery d JOIN release r ON r.id = d.release_id"
        " WHERE d.state = 'sent' AND d.changed_at >= %s AND r.text ~ '[[:alnum:]][.][[:alnum:]]' ORDER BY d.changed_at, d.id"
        " LIMIT %s",
        [to_datetime(moment), most],
    )
    return [Departure(*row) for row in rows]
