"""What people say of posts, and what they are asked: for the thread, for the list of the least sure, and for programs."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.enrich.logic.asking import settled
from townhall.enrich.logic.heads import HEADS, Head
from townhall.enrich.store import labels
from townhall.enrich.store.labels import Label
from townhall.kernel.clock import Instant
from townhall.people.doors import Asker, require


class Question(Struct, frozen=True):
    """A question to a person: which head of which post, what was read with which chance, and how unsure that is (0 to 1)."""

    interaction: int
    head: str
    said: str
    chance: float
    doubt: float
    turn: int

    @property
    def about(self) -> Head:
        """The head with its values."""
        return HEADS[self.head]


class Asked(Struct, frozen=True):
    """A question with the post it is about, and the customer's case in its thread (0: none)."""

    question: Question
    text: str
    language: str
    author: str
    handle: str
    channel: str
    at: Instant
    case_id: int


class Mark(Struct, frozen=True):
    """What stands on one post: labels oldest first, what people settled on by head (a draw is left out), and the question
    that the reader is asked about it."""

    labels: tuple[Label, ...] = ()
    settled: dict[str, str] = {}
    question: Question | None = None

    @property
    def telling(self) -> tuple[Label, ...]:
        """Labels that say something else than was read, and all of a head that people disagree about."""
        told = {one.head for one in self.labels if one.value != one.said}
        return tuple(one for one in self.labels if one.head in told)


def marks(conn: Connection[Any], asker: Asker, posts: Sequence[int], about: int = 0) -> dict[int, Mark]:
    """The marks of these posts; posts without any are left out. ``about`` is the one post that the reader may be asked about.
    Two queries."""
    said: dict[int, list[Label]] = {}
    for label in labels.of_posts(conn, asker.brand_id, posts):
        said.setdefault(label.interaction, []).append(label)
    asked = _question(conn, asker, about) if about and asker.may("label") else {}
    return {
        post: Mark(tuple(said.get(post, ())), _settled(said.get(post, ())), asked.get(post))
        for post in {*said, *asked}
    }


def _settled(said: Sequence[Label]) -> dict[str, str]:
    heads = {one.head for one in said}
    found = {head: settled([one.value for one in said if one.head == head]) for head in heads}
    return {head: value for head, value in found.items() if value}


def _question(conn: Connection[Any], asker: Asker, post: int) -> dict[int, Question]:
    """Post → the least sure of its questions that nobody answered and the reader did not pass; empty for none."""
    row = conn.execute(
        """
        SELECT a.interaction_id, a.head, a.said, a.chance, a.doubt, a.turn FROM label_ask a
        WHERE a.brand_id = %(brand)s AND a.interaction_id = %(post)s AND NOT %(staff)s = ANY(a.passed)
            AND NOT EXISTS (SELECT FROM post_label l WHERE l.interaction_id = a.interaction_id AND l.head = a.head
                AND l.ended_at IS NULL)
        ORDER BY a.doubt DESC, a.head LIMIT 1
        """,
        {"brand": asker.brand_id, "post": post, "staff": asker.staff_id},
    ).fetchone()
    return {post: Question(*row)} if row else {}


Place = tuple[int, str, int]
"""Where a page ended: turn, head, interaction."""


def least_sure(
    conn: Connection[Any], asker: Asker, after: Place | None, limit: int, head: str = ""
) -> tuple[list[Asked], Place | None]:
    """Questions in turns over the heads, those left to this reader, and where to go on. One query."""
    require(asker, "label")
    turn, name, post = after or (0, "", 0)
    rows = (
        reader(conn)
        .execute(
            """
            WITH page AS (
                SELECT a.interaction_id, a.head, a.said, a.chance, a.doubt, a.turn FROM label_ask a
                WHERE a.brand_id = %(brand)s AND (a.turn, a.head, a.interaction_id) > (%(turn)s, %(name)s, %(post)s)
                    AND (%(head)s = '' OR a.head = %(head)s) AND NOT %(staff)s = ANY(a.passed)
                    AND NOT EXISTS (SELECT FROM post_label l WHERE l.interaction_id = a.interaction_id
                        AND l.head = a.head AND l.ended_at IS NULL)
                    AND EXISTS (SELECT FROM interaction i WHERE i.id = a.interaction_id AND i.deleted_at IS NULL)
                ORDER BY a.turn, a.head, a.interaction_id LIMIT %(limit)s
            )
            SELECT page.*, i.text, i.language, coalesce(nullif(p.name, ''), p.handle, ''), coalesce(p.handle, ''),
                c.channel, i.published_at,
                coalesce((SELECT max(k.id) FROM cases k WHERE k.thread_id = i.thread_id AND k.customer_id = i.author_id), 0)
            FROM page JOIN interaction i ON i.id = page.interaction_id JOIN account c ON c.id = i.account_id
            LEFT JOIN identity p ON p.id = i.author_id
            ORDER BY page.turn, page.head, page.interaction_id
            """,
            {
                "brand": asker.brand_id, "turn": turn, "name": name, "post": post, "head": head, "staff": asker.staff_id,
                "limit": limit + 1,
            },
        )
        .fetchall()
    )  # fmt: skip
    found = [Asked(Question(*row[:6]), *row[6:]) for row in rows[:limit]]
    if len(rows) <= limit:
        return found, None
    last = found[-1].question
    return found, (last.turn, last.head, last.interaction)


class Standing(Struct, frozen=True):
    """How the list stands: questions by head that are left to this reader, and when posts were looked through last (0: never)."""

    left: dict[str, int]
    looked: Instant

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.left.values())


def standing(conn: Connection[Any], asker: Asker) -> Standing:
    """Counts for the head of the list. Two queries, over at most the few hundred questions that are kept."""
    rows = conn.execute(
        """
        SELECT a.head, count(*) FROM label_ask a WHERE a.brand_id = %(brand)s AND NOT %(staff)s = ANY(a.passed)
            AND NOT EXISTS (SELECT FROM post_label l WHERE l.interaction_id = a.interaction_id AND l.head = a.head
                AND l.ended_at IS NULL)
            AND EXISTS (SELECT FROM interaction i WHERE i.id = a.interaction_id AND i.deleted_at IS NULL)
        GROUP BY a.head ORDER BY a.head
        """,
        {"brand": asker.brand_id, "staff": asker.staff_id},
    ).fetchall()
    looked = (
        reader(conn)
        .execute("SELECT worked_at FROM label_round WHERE brand_id = %s", [asker.brand_id])
        .fetchone()
    )
    return Standing(dict(rows), looked[0] if looked else 0)
