"""A follower of the record: makes posts searchable and counts their topics, from its own cursor.

The cursor commits with what was written, so a crash repeats nothing and leaves nothing out. An edited post becomes
searchable by its new words too; by its old ones it is no longer found, because every hit is held to the post as it is.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.analytics import topics
from townhall.archive import store as archive
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk.words import terms_of
from townhall.flow import posts
from townhall.flow.posts import Searchable
from townhall.journal.follow import advance, follow
from townhall.kernel.clock import Instant, system_clock
from townhall.kernel.fact import Fact

NAME = "search"
TICK_S = 0.5
BLOCKS = 200
"""Blocks of facts read at once: bounds the memory and the length of a transaction."""
RECEIVED = "townhall.interaction.received"
CHANGED = "townhall.interaction.changed"
_SUBJECT = "interaction/"


def catch_up(conn: Connection[Any], now: Instant, limit: int = BLOCKS) -> int:
    """One pass in the caller's transaction. Gives the number of blocks of facts read; 0 when there was nothing."""
    blocks = follow(conn, NAME, limit)
    if not blocks:
        return 0
    fresh: dict[int, set[int]] = defaultdict(set)
    edited: dict[int, set[int]] = defaultdict(set)
    for block in blocks:
        for fact in block.facts():
            _sort(fact, fresh, edited)
    for brand in sorted({*fresh, *edited}):
        texts = posts.searchable(conn, brand, sorted(fresh[brand] | edited[brand]))
        for start in range(0, len(texts), archive.BLOCK):
            _make_searchable(conn, brand, texts[start : start + archive.BLOCK])
        topics.count(conn, brand, [p for p in texts if p.id in fresh[brand] and p.direction == "in"])
    advance(conn, NAME, blocks[-1].position)
    return len(blocks)


def _make_searchable(conn: Connection[Any], brand: int, block: Sequence[Searchable]) -> None:
    terms = terms_of([post.text for post in block])
    archive.add_block(conn, brand, [post.id for post in block], terms)


def _sort(fact: Fact, fresh: dict[int, set[int]], edited: dict[int, set[int]]) -> None:
    if not fact.subject.startswith(_SUBJECT):
        return
    if fact.type == RECEIVED:
        fresh[fact.brand].add(int(fact.subject[len(_SUBJECT) :]))
    elif fact.type == CHANGED and fact.data.get("verb") == "Update":
        edited[fact.brand].add(int(fact.subject[len(_SUBJECT) :]))


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """The loop of the clock role: follows until ``stop``."""
    conn = await asyncio.to_thread(connect, database.dsn("worker"), "townhall search")
    try:
        while not stop.is_set():
            done = await asyncio.to_thread(_pass, conn)
            if done < BLOCKS:
                await _rest(stop)
    finally:
        conn.close()


def _pass(conn: Connection[Any]) -> int:
    with transaction(conn, lock_timeout="5s"):
        return catch_up(conn, system_clock())


async def _rest(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), TICK_S)
    except TimeoutError:
        pass
