"""The newest posts as they were understood and decided: what somebody who just connected a channel looks at first."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.enrich.logic.feeling import Feeling, feeling
from townhall.kernel.clock import Instant
from townhall.people.doors import Asker, require
from townhall.policy.logic import SILENT

MOST = 200
LOOKED_AT = 2_000
"""Posts looked through at most for those from outside, the newest first."""


class JudgedPost(Struct, frozen=True):
    """A post with what was read out of it and what the policy decided. ``text`` is "" when its author deleted it;
    ``rule`` is "" when none matched; ``priority`` 0 is urgent, 3 low."""

    id: int
    handle: str
    at: Instant
    text: str
    language: str
    question: bool
    intent: str
    sentiment: int
    certainty: float
    effect: str
    priority: int
    rule: str

    @property
    def feeling(self) -> Feeling:
        """How its author feels, or that it is not sure."""
        return feeling(self.sentiment, self.certainty)

    @property
    def answered(self) -> bool:
        """Whether somebody of the firm has to act."""
        return self.effect not in SILENT


def judged(conn: Connection[Any], asker: Asker, most: int = MOST) -> list[JudgedPost]:
    """The brand's newest posts from outside that came in, in the order of their own time, newest first. One query. Raises ``Forbidden``."""
    require(asker, "read_case")
    rows = reader(conn).execute(
        f"""
        SELECT i.id, coalesce(p.handle, ''), i.published_at, {snippets.said("i.")},
            i.language, i.question, i.intent, i.sentiment, i.certainty, i.effect, i.priority, i.rule
        FROM (SELECT * FROM interaction WHERE brand_id = %s ORDER BY id DESC LIMIT %s) i
        LEFT JOIN identity p ON p.id = i.author_id WHERE i.direction = 'in' ORDER BY i.id DESC LIMIT %s
        """,
        [asker.brand_id, LOOKED_AT, most],
    )
    return sorted((JudgedPost(*row) for row in rows), key=lambda one: -one.at)
