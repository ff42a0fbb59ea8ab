"""SQL of escalations: posts that a rule takes to a person at once, until somebody was told. Told is gone, so nothing is told twice."""

from collections.abc import Sequence

from msgspec import Struct
from psycopg import Connection

from townhall.database.copy import CopyInto

MOST = 5_000
"""Escalations taken in one transaction."""


class Escalation(Struct, frozen=True):
    """A post that a rule escalates, and its case."""

    case: int
    post: int
    brand: int
    queue: str
    rule: str


ESCALATIONS = CopyInto(
    "escalation", case_id="i8", post_id="i8", brand_id="i4", queue="word", rule="word",
)  # fmt: skip


def leave(connection: Connection, found: Sequence[Escalation]) -> None:
    """Leaves them for the watch, in the transaction that stores their posts."""
    if found:
        ESCALATIONS.write(connection, [(one.case, one.post, one.brand, one.queue, one.rule) for one in found])


def take(connection: Connection) -> list[Escalation]:
    """Takes what waits, by post: whoever takes it tells of it in the same transaction."""
    rows = connection.execute(
        """
        DELETE FROM escalation WHERE ctid = ANY (ARRAY(SELECT ctid FROM escalation LIMIT %s FOR UPDATE SKIP LOCKED))
        RETURNING case_id, post_id, brand_id, queue, rule
        """,
        [MOST],
    )
    return sorted((Escalation(*row) for row in rows), key=lambda one: one.post)
