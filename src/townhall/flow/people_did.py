"""What people in truth made of posts: whether somebody answered, and which queue and priority they gave the case.

Ours answers a customer where it answers one of their posts, answers ourselves (a second part), or names nobody: as the
clocks read it. It answers all that they wrote in the thread before it.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.care import history as care
from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant
from townhall.people import tiers
from townhall.policy.logic import SILENT

_ANYBODY = 0


class Written(Struct, frozen=True, gc=False):
    """A post as it lies in its thread."""

    key: bytes
    thread: int
    author: int
    at: Instant
    received: Instant


class Did(Struct, frozen=True, gc=False):
    """What people made of one post: ``queue`` and ``priority`` as they set them ("" and -1: nobody did), and
    the tier that its author had when it was written."""

    answered: bool = False
    queue: str = ""
    priority: int = -1
    tier: str = ""


class Deeds(Struct, frozen=True):
    """What people did around some posts: our newest word to each customer of each thread, the keys of posts it names, the cases."""

    words: dict[tuple[int, int], Instant]
    named: set[bytes]
    cases: dict[tuple[int, int], list[care.Handled]]
    tiers: dict[int, list[tuple[Instant, str]]]

    def to(self, post: Written, effect: str) -> Did:
        """What they made of this one. ``effect`` is what was decided: a post that was passed over belongs to no case."""
        case = None if effect in SILENT else self._case(post)
        return Did(
            self._answered(post), case.queue if case else "", case.priority if case else -1,
            self._tier(post),
        )  # fmt: skip

    def _tier(self, post: Written) -> str:
        held = self.tiers.get(post.author, ())
        return next((tier for since, tier in reversed(held) if since <= post.at), "")

    def _answered(self, post: Written) -> bool:
        words = (self.words.get((post.thread, who), -1) for who in (post.author, _ANYBODY))
        return post.key in self.named or max(words) >= post.at

    def _case(self, post: Written) -> care.Handled | None:
        """The case that the post came to: the first of its customer in its thread that was not closed before."""
        known = self.cases.get((post.thread, post.author), ())
        return next((one for one in known if not one.closed or post.received <= one.closed), None)


def deeds(conn: Connection[Any], posts: Sequence[Written]) -> Deeds:
    """What people did around these posts. Four queries, whatever their number."""
    authors = sorted({post.author for post in posts})
    threads = sorted({post.thread for post in posts})
    words, named = _words(conn, threads)
    return Deeds(words, named, care.handled(conn, authors, threads), tiers.held_by(conn, authors))


def _words(
    conn: Connection[Any], threads: Sequence[int]
) -> tuple[dict[tuple[int, int], Instant], set[bytes]]:
    rows = reader(conn).execute(
        """
        SELECT o.thread_id, uuid_send(o.parent), o.published_at,
            CASE WHEN p.direction = 'in' THEN p.author_id ELSE %s END
        FROM interaction o LEFT JOIN interaction p ON p.thread_id = o.thread_id AND p.key = o.parent
        WHERE o.thread_id = ANY(%s) AND o.direction = 'out'
        """,
        [_ANYBODY, bigints(threads)],
        binary=True,
    )
    words: dict[tuple[int, int], Instant] = {}
    named: set[bytes] = set()
    for thread, parent, at, whom in rows.fetchall():
        words[thread, whom] = max(at, words.get((thread, whom), at))
        if parent is not None:
            named.add(parent)
    return words, named
