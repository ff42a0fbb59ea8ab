"""Stored answers as their page lists them."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant


class StoredAnswer(Struct, frozen=True):
    """One that is offered. ``{name}`` in its text stands for the customer's first name.

    ``purpose`` ``to_private``: the line that moves a thread to private, where ``{link}`` is the network's way to us.
    """

    id: int
    name: str
    text: str
    language: str
    made_by: str
    made_at: Instant
    purpose: str = ""


def answers(conn: Connection[Any], brand: int) -> tuple[StoredAnswer, ...]:
    """Those that are offered, by name."""
    rows = reader(conn).execute(
        "SELECT id, name, text, language, made_by, made_at, purpose FROM macro"
        " WHERE brand_id = %s AND retired_at IS NULL ORDER BY lower(name), id",
        [brand],
    )
    return tuple(StoredAnswer(*row) for row in rows)
