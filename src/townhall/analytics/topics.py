"""SQL of topics by quarter of an hour, and of what a brand's own targets are."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from psycopg import Connection

from townhall.database.arrays import bigints, integers, moments, texts
from townhall.database.instants import reader
from townhall.kernel.clock import DAY, MINUTE, Instant, to_datetime

SLOT: Instant = 15 * MINUTE
KEPT: Instant = 2 * DAY
"""Slots older than this keep only topics that several posts had."""


class Tagged(Protocol):
    """A post with its topics."""

    @property
    def id(self) -> int: ...
    @property
    def published(self) -> Instant: ...
    @property
    def topics(self) -> Sequence[str]: ...


def count(conn: Connection[Any], brand: int, posts: Iterable[Tagged]) -> None:
    """Counts posts for the slots of their topics; the newest post is the example. It waits for ``settle``."""
    counted: dict[tuple[Instant, str], list[int]] = {}
    for post in posts:
        slot = post.published - post.published % SLOT
        for topic in post.topics:
            held = counted.setdefault((slot, topic), [0, 0])
            held[0] += 1
            held[1] = max(held[1], post.id)
    if not counted:
        return
    conn.execute(
        "INSERT INTO topic_pending (brand_id, slots, topics, posts, examples) VALUES (%s, %s, %s, %s, %s)",
        [
            brand, moments([slot for slot, _ in counted]), texts([topic for _, topic in counted]),
            integers([held[0] for held in counted.values()]), bigints([held[1] for held in counted.values()]),
        ],
    )  # fmt: skip


def settle(conn: Connection[Any], most: int) -> int:
    """Adds up to ``most`` waiting counts to the rollup, keys in order. Gives how many there were."""
    row = conn.execute(
        """
        WITH due AS (
            DELETE FROM topic_pending WHERE id IN (
                SELECT id FROM topic_pending ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING *
        ), added AS (
            INSERT INTO rollup_topic AS r (brand_id, slot, topic, posts, example)
            SELECT d.brand_id, t.slot, t.topic, sum(t.posts), max(t.example)
            FROM due d, unnest(d.slots, d.topics, d.posts, d.examples) AS t(slot, topic, posts, example)
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            ON CONFLICT (brand_id, slot, topic) DO UPDATE
                SET posts = r.posts + excluded.posts, example = greatest(r.example, excluded.example)
        )
        SELECT count(*) FROM due
        """,
        [most],
    ).fetchone()
    assert row is not None
    return int(row[0])


def history(
    conn: Connection[Any], brand: int, words: Sequence[str], first: int, end: int
) -> dict[str, dict[int, int]]:
    """Word → slot → posts of the slots from number ``first`` (since 1970) to before ``end``. Slots past ``KEPT`` that few posts had are
    not there."""
    found: dict[str, dict[int, int]] = {word: {} for word in words}
    rows = reader(conn).execute(
        "SELECT topic, slot, posts FROM rollup_topic WHERE brand_id = %s AND topic = ANY(%s) AND slot >= %s AND slot < %s",
        [brand, list(words), to_datetime(first * SLOT), to_datetime(end * SLOT)],
    )
    for word, slot, posts in rows:
        found[word][slot // SLOT] = posts
    return found


def sweep(conn: Connection[Any], now: Instant) -> int:
    """Forgets old slots of topics that hardly anybody had. Gives how many."""
    return conn.execute(
        "DELETE FROM rollup_topic WHERE slot < %s AND posts < 5", [to_datetime(now - KEPT)]
    ).rowcount
