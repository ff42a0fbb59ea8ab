"""What the posts of a surge have in common, looked up when it is told: bounded, whatever the size of the surge."""

from typing import Any

from psycopg import Connection

from townhall import enrich
from townhall.analytics.logic.causes import Said, causes
from townhall.flow import rows
from townhall.kernel.clock import Instant

MOST = 2_000
"""Posts looked at, the newest: a share of them strays by two percent at the most."""
_LEAST_WORDS = 5
"""Shorter texts are alike by chance."""


def common(
    conn: Connection[Any], brand: int, since: Instant, account: int = 0, topic: str = ""
) -> tuple[str, ...]:
    """In words, of the posts from outside since then. One query."""
    found = rows.lately(conn, brand, since, MOST, account, topic)
    return causes([_said(text, mark, author) for text, mark, author in found], enrich.APART)


def _said(text: str, mark: int, author: int) -> Said:
    long = len(text.split()) >= _LEAST_WORDS
    return Said(enrich.addresses(text), mark & 0xFFFFFFFFFFFFFFFF if long else None, author)
