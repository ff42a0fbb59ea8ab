"""What articles were sent for: read off the replies that left, once each, never off what people look at."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from townhall.care import article_changes as changes
from townhall.care import articles as store
from townhall.care.article_changes import Use
from townhall.enrich import addresses, plain_words
from townhall.flow import posts
from townhall.kernel.clock import DAY, MINUTE, Instant
from townhall.outbound.store import departures
from townhall.outbound.store.departures import Departure

AGAIN: Instant = 5 * MINUTE
"""Departures so long before the last look are looked at once more: another transaction may have committed late."""
FIRST: Instant = 90 * DAY
"""How far back the first look goes."""
MOST = 20_000


def count(conn: Connection[Any], now: Instant, most: int = MOST) -> int:
    """Counts articles in replies that left since the last look, ``most`` of them, in the caller's transaction. Gives how many
    uses were new."""
    before = changes.looked_upto(conn) or now - FIRST
    left = departures.since(conn, before - AGAIN, most)
    uses = _uses(conn, left)
    fresh = changes.used(conn, uses) if uses else []
    for brand in sorted({one.brand for one in uses if one.article in fresh}):
        learn(conn, brand, [one.article for one in uses if one.brand == brand and one.article in fresh])
    behind = len(left) == most  # the next look goes on where this one ended, or it would see the same again
    changes.look_upto(conn, left[-1].at + AGAIN if behind else now)
    return len(fresh)


def _uses(conn: Connection[Any], left: Sequence[Departure]) -> list[Use]:
    linked = [(one, key) for one in left for key in addresses(one.text)]
    held = changes.holders(conn, sorted({(one.brand, key) for one, key in linked})) if linked else {}
    found = [(one, held[one.brand, key]) for one, key in linked if (one.brand, key) in held]
    needs = posts.needs_of(conn, {one.post for one, _ in found}) if found else {}
    return [
        Use(one.brand, article, one.release, one.post, needs.get(one.post, ""), one.at)
        for one, article in found
    ]


def learn(conn: Connection[Any], brand: int, articles: Iterable[int]) -> None:
    """Takes what customers wrote whom these articles answered into the words the articles are found by. Five queries."""
    ids = sorted(set(articles))
    answered = changes.answered(conn, brand, ids)
    wrote = posts.words_of(conn, brand, {post for _, post in answered}) if answered else {}
    asked = [
        (article, wrote[post][0], " ".join(plain_words(wrote[post][1])))
        for article, post in answered
        if post in wrote
    ]
    store.learn(conn, brand, ids, asked)
