"""What a batch leaves for the index: the search terms and topics that understanding has found already."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import enrich
from townhall.analytics import topics
from townhall.archive import store as archive
from townhall.flow.batch import Arrival
from townhall.kernel.clock import Instant


class Tagged(Struct, frozen=True, gc=False):
    """A post from outside with its topics."""

    id: int
    published: Instant
    topics: Sequence[str]


def leave(connection: Connection[Any], arrivals: Sequence[Arrival]) -> None:
    """Leaves new posts for the index, in runs of one brand."""
    ordered = sorted(arrivals, key=lambda a: (a.block.brand_id, a.id))
    for brand, group in groupby(ordered, key=lambda a: a.block.brand_id):
        posts = list(group)
        for start in range(0, len(posts), archive.BLOCK):
            run = posts[start : start + archive.BLOCK]
            archive.add_block(connection, brand, [p.id for p in run], _terms(run))
        tagged = (Tagged(p.id, p.at, p.enriched.topics) for p in posts if p.enriched and not p.act.own)
        topics.count(connection, brand, tagged)


def leave_edited(connection: Connection[Any], brand: int, post: int, text: str) -> None:
    """Leaves an edited post for the index once more: by its old words it is no longer found, for hits are looked at."""
    terms = enrich.search_terms(text)
    if terms:
        archive.add_block(connection, brand, [post], terms)


def _terms(run: Sequence[Arrival]) -> set[int]:
    return set().union(*(post.enriched.terms for post in run if post.enriched))
