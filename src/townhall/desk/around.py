"""What is read around the question to a network for the rest of a thread: the post it is asked about, and what is here already."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.kernel.errors import NotFound

_POST = """
SELECT c.account_id, a.channel, i.native_id, coalesce(t.joined_into, c.thread_id)
FROM cases c JOIN account a ON a.id = c.account_id JOIN interaction i ON i.id = c.latest_post
LEFT JOIN thread t ON t.id = c.thread_id
WHERE c.id = %s AND c.brand_id = %s AND i.visibility <> 'direct'
"""
_HERE = "SELECT native_id FROM interaction WHERE thread_id = %s AND account_id = %s AND native_id = ANY(%s)"


class Place(Struct, frozen=True):
    """Whose account asks, about which post of its network, in which thread."""

    account: int
    channel: str
    post: str
    thread: int


def place(conn: Connection[Any], brand: int, case_id: int) -> Place:
    """Of a case in public. Raises ``NotFound``. One query."""
    row = conn.execute(_POST, [case_id, brand]).fetchone()
    if row is None:
        raise NotFound("That case does not exist, or is in private: nobody else speaks there.")
    return Place(*row)


def here(conn: Connection[Any], place: Place, posts: Sequence[str]) -> set[str]:
    """Which of these posts of the network stand in the thread already. One query."""
    found = conn.execute(_HERE, [place.thread, place.account, list(posts)])
    return {native for (native,) in found.fetchall()}
