"""What is read before a network is asked for the rest of a thread: the post it is asked about, and those that are here."""

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
_HERE = "SELECT native_id FROM interaction WHERE thread_id = %s AND account_id = %s"


class Place(Struct, frozen=True):
    """Whose account asks, about which post of its network; ``here`` are the posts of the thread that we have."""

    account: int
    channel: str
    post: str
    here: frozenset[str]


def place(conn: Connection[Any], brand: int, case_id: int) -> Place:
    """Of a case in public. Raises ``NotFound``. Two queries."""
    row = conn.execute(_POST, [case_id, brand]).fetchone()
    if row is None:
        raise NotFound("That case does not exist, or is in private: nobody else speaks there.")
    account, channel, post, thread = row
    here = conn.execute(_HERE, [thread, account]).fetchall()
    return Place(account, channel, post, frozenset(native for (native,) in here))
