"""SQL of topics by quarter of an hour, and of what a brand's own targets are."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from psycopg import Connection

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
    """Adds posts to the slots of their topics; the newest post is the example."""
    counted: dict[tuple[Instant, str], tuple[int, int]] = {}
    for post in posts:
        slot = post.published - post.published % SLOT
        for topic in post.topics:
            held, example = counted.get((slot, topic), (0, 0))
            counted[slot, topic] = (held + 1, max(example, post.id))
    if not counted:
        return
    rows = [(to_datetime(slot), topic, *found) for (slot, topic), found in sorted(counted.items())]
    slots, names, numbers, examples = map(list, zip(*rows, strict=True))
    conn.execute(
        """
        INSERT INTO rollup_topic AS r (brand_id, slot, topic, posts, example)
        SELECT %s, * FROM unnest(%s::timestamptz[], %s::text[], %s::int[], %s::bigint[])
        ON CONFLICT (brand_id, slot, topic) DO UPDATE
            SET posts = r.posts + excluded.posts, example = greatest(r.example, excluded.example)
        """,
        [brand, slots, names, numbers, examples],
    )


def sweep(conn: Connection[Any], now: Instant) -> int:
    """Forgets old slots of topics that hardly anybody had. Gives how many."""
    return conn.execute(
        "DELETE FROM rollup_topic WHERE slot < %s AND posts < 5", [to_datetime(now - KEPT)]
    ).rowcount
