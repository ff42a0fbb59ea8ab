"""SQL of answers on their way through the door, as clocks see them: handed in, held, approved, sent, and by whom."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant


class Passage(Struct, frozen=True):
    """One answer's way. Times are 0 for what has not happened; ``native`` is its id on the network once sent."""

    case: int
    author_id: int
    author: str
    made: Instant
    held: Instant
    ended: Instant
    outcome: str
    approver: str
    native: str
    sent: Instant

    @property
    def by(self) -> str:
        """Who wrote it, as clocks name them: ``staff/7``, ``ai/draft``, ``program/nightly``."""
        if self.author_id:
            return f"staff/{self.author_id}"
        return self.author if "/" in self.author else f"program/{self.author}"


def of_cases(conn: Connection[Any], cases: Sequence[int]) -> dict[int, list[Passage]]:
    """Every answer that was handed in for these cases, in order."""
    rows = reader(conn).execute(
        """
        SELECT r.case_id, r.author_id, r.author, r.made_at, coalesce(h.held_at, 'epoch'), coalesce(h.ended_at, 'epoch'),
            coalesce(h.outcome, ''), coalesce(h.ended_by, ''), coalesce(d.native_id, ''), coalesce(d.sent_at, 'epoch')
        FROM release r LEFT JOIN hold h ON h.release_id = r.id
            LEFT JOIN delivery d ON d.release_id = r.id AND d.state = 'sent'
        WHERE r.case_id = ANY(%s) ORDER BY r.made_at, r.id
        """,
        [bigints(cases)],
    )
    found: dict[int, list[Passage]] = {}
    for row in rows:
        passage = Passage(*row)
        found.setdefault(passage.case, []).append(passage)
    return found
