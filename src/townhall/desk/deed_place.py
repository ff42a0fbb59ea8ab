"""Where a deed would be done: the post, its author, the account that may do it, and what the policy wants. Read-only."""

from collections.abc import Collection
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader

_PLACE = """
SELECT p.brand_id, b.state, p.thread_id, p.account_id, a.channel, a.handle, a.base_url, a.sending, p.id, p.native_id,
    coalesce(i.native_id, ''), p.direction = 'out', p.deleted_at IS NOT NULL, p.rule, p.policy_id,
    coalesce(v.approvals->p.rule, '[]'::jsonb)
FROM interaction p
JOIN account a ON a.id = p.account_id
JOIN brand b ON b.id = p.brand_id
LEFT JOIN identity i ON i.id = p.author_id
LEFT JOIN policy_version v ON v.id = p.policy_id
WHERE p.id = %s AND p.brand_id = %s
"""
_OUTLETS = """
SELECT a.id, b.state, a.base_url FROM account a JOIN brand b ON b.id = a.brand_id WHERE a.id = ANY(%s)
"""


class DeedPlace(Struct, frozen=True):
    """``post`` and ``author`` are the network's ids; ``own``: the post is ours; ``steps`` are the approvals that the rule
    which decided about the post wants."""

    brand_id: int
    brand_state: str
    thread_id: int
    account_id: int
    channel: str
    account_handle: str
    base_url: str
    sending: bool
    post_id: int
    post: str
    author: str
    own: bool
    deleted: bool
    rule: str
    policy_id: int
    steps: tuple[frozenset[str], ...]


def place(conn: Connection[Any], brand_id: int, post_id: int) -> DeedPlace | None:
    """The place of a deed about a post; ``None`` when the brand has no such post."""
    row = reader(conn).execute(_PLACE, [post_id, brand_id]).fetchone()
    if row is None:
        return None
    values = (*row[:15], tuple(frozenset(step) for step in row[15]))
    return DeedPlace(*values)


def outlets(conn: Connection[Any], accounts: Collection[int]) -> dict[int, tuple[str, str]]:
    """Account → the state of its brand, and the address it sends to."""
    return {row[0]: (row[1], row[2]) for row in conn.execute(_OUTLETS, [sorted(accounts)])}
