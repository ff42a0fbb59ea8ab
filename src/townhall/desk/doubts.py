"""What hangs on its way out until a person decides: replies in doubt, overdue or failed, and how much of all is in doubt."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant

MOST = 50

_STUCK = """
SELECT d.release_id, r.case_id, d.state, r.kind, r.channel, a.handle, r.text, r.author, d.changed_at, d.error,
    coalesce(nullif(p.name, ''), p.handle, '')
FROM delivery d JOIN release r ON r.id = d.release_id JOIN account a ON a.id = r.account_id
LEFT JOIN cases c ON c.id = r.case_id LEFT JOIN identity p ON p.id = c.customer_id
WHERE d.brand_id = %s AND d.state IN ('doubtful', 'overdue', 'failed') ORDER BY d.state <> 'doubtful', d.changed_at DESC, d.id
LIMIT %s
"""
_DOUBTS = """
SELECT count(*) FILTER (WHERE kind = 'reply'), count(*) FILTER (WHERE kind = 'deed'), coalesce(min(changed_at), 'epoch') FROM (
    SELECT 'reply' AS kind, changed_at FROM delivery WHERE brand_id = %(brand)s AND state = 'doubtful'
    UNION ALL SELECT 'deed', changed_at FROM deed WHERE brand_id = %(brand)s AND state = 'doubtful'
) doubts
"""


class StuckReply(Struct, frozen=True):
    """A reply that goes on only when a person says how. ``state``: doubtful, overdue or failed, since ``since``."""

    release_id: int
    case_id: int
    state: str
    kind: str
    channel: str
    account_handle: str
    text: str
    author: str
    since: Instant
    error: str
    customer: str


class Doubts(Struct, frozen=True):
    """How many replies, and how many acts on a network, nobody knows of whether they are there; ``oldest`` 0: none."""

    replies: int
    deeds: int
    oldest: Instant


def stuck_replies(conn: Connection[Any], brand: int) -> tuple[StuckReply, ...]:
    """Those in doubt first, the newest ``MOST`` in all. One query."""
    return tuple(StuckReply(*row) for row in reader(conn).execute(_STUCK, [brand, MOST]))


def doubts(conn: Connection[Any], brand: int) -> Doubts:
    """What is in doubt now. One query."""
    row = reader(conn).execute(_DOUBTS, {"brand": brand}).fetchone()
    assert row
    return Doubts(*row)
