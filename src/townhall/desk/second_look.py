"""Posts of strangers in open cases: those that are worth a second look on a network that tells of no edits."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

SCANNED = 5_000
"""Rows that one search passes over at most: on a busy brand a look never becomes a scan of its history."""


class Worth(Struct, frozen=True):
    """Native ids of posts to look at, and the ordered id up to which everything was considered."""

    native_ids: list[str]
    upto: int


def worth_a_look(
    conn: Connection[Any], brand: int, account: int, after: int, before: int, limit: int
) -> Worth:
    """Public posts by others on an account, in cases that are not closed, with ids over ``after`` and under
    ``before``, oldest first; at most ``limit``."""
    rows = conn.execute(
        """
        SELECT w.id, CASE WHEN w.wanted AND EXISTS (
            SELECT 1 FROM cases c WHERE c.thread_id = w.thread_id AND c.state IN ('open', 'snoozed', 'waiting')
        ) THEN w.native_id END
        FROM (
            SELECT id, thread_id, native_id, account_id = %(account)s AND direction = 'in'
                AND visibility <> 'direct' AND deleted_at IS NULL AS wanted
            FROM interaction WHERE brand_id = %(brand)s AND id > %(after)s AND id < %(before)s
            ORDER BY id LIMIT %(scanned)s
        ) w ORDER BY w.id
        """,
        {"account": account, "brand": brand, "after": after, "before": before, "scanned": SCANNED},
    ).fetchall()
    native_ids: list[str] = []
    for place, (_, native_id) in enumerate(rows):
        if native_id is not None:
            native_ids.append(native_id)
        if len(native_ids) == limit:
            return Worth(native_ids, rows[place][0])
    return Worth(native_ids, rows[-1][0] if rows else after)
