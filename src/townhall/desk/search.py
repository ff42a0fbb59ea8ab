"""Search: a person, a handle, an order number or a phrase, the newest first.

Words narrow to blocks of posts through the archive; every post is then read under the reader's own rights and held to
the words again, so that neither a shared block nor a shared hash can show a post that does not match.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.archive import store as archive
from townhall.database.instants import reader
from townhall.desk.inbox import spans
from townhall.desk.views.search import Looser, PersonHit, SearchHit, SearchResults
from townhall.desk.words import holding
from townhall.enrich import search_terms
from townhall.kernel.clock import Instant
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused

PAGE = 25
PEOPLE = 8
PARTS = 6
"""Searches that are tried when one found nothing."""
_ROUNDS = 3
_BLOCKS = 6
_NEWEST = (1 << 63) - 1
_PHRASE = re.compile(r'"([^"]{1,200})"')
_PART = re.compile(r'"[^"]{1,200}"|[^\s"]+')
_SPACE = re.compile(r"\s+")


class Query(Struct, frozen=True):
    """What is looked for: every term, and every phrase word for word."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    terms: frozenset[int]


def understand(text: str) -> Query:
    """A line as somebody types it: words, and phrases in double quotes. Raises ``Refused`` when it is too long."""
    if len(text) > 400:
        raise Refused("Search for at most 400 characters.")
    phrases = tuple(_plain(found) for found in _PHRASE.findall(text) if found.strip())
    rest = _PHRASE.sub(" ", text).replace('"', " ")
    return Query((*rest.split(), *phrases), phrases, frozenset(search_terms(text.replace('"', " "))))


def search(
    conn: Connection[Any], brand: int, text: str, now: Instant, *, cursor: str = "", limit: int = PAGE
) -> SearchResults:
    """The newest posts and the people that match; a page is in the order of writing. Looks at a bounded number of posts; ``cursor`` goes on from there.

    Raises ``Refused`` for a cursor that is none.
    """
    query, start = understand(text), _place(cursor)
    hits, following = _posts(conn, brand, query, start, limit) if query.terms else ([], "")
    hits.sort(key=lambda hit: -hit.published_at)
    people = () if cursor else _people(conn, brand, text.strip())
    return SearchResults(text, people, tuple(hits), following, now)


def loosened(conn: Connection[Any], brand: int, text: str, now: Instant) -> tuple[Looser, ...]:
    """What each part that may be left out would give instead, the most first: for a search that found nothing.

    At most ``PARTS`` parts are tried, each by one search of a page. A phrase is also tried as its words.
    """
    parts = _PART.findall(text)
    ways = [(part, [*parts[:n], *parts[n + 1 :]], "without") for n, part in enumerate(parts)]
    apart = [(part, [*parts[:n], part.strip('"'), *parts[n + 1 :]], "apart")
             for n, part in enumerate(parts) if " " in part]  # fmt: skip
    tried = [
        _looser(conn, brand, part, " ".join(rest), how, now)
        for part, rest, how in [*apart, *ways][:PARTS]
        if rest
    ]
    return tuple(
        sorted((one for one in tried if one.posts or one.people), key=lambda one: -one.posts - one.people)
    )


def _looser(conn: Connection[Any], brand: int, part: str, text: str, how: str, now: Instant) -> Looser:
    found = search(conn, brand, text, now)
    return Looser(part.strip('"'), text, how, len(found.hits), len(found.people), bool(found.cursor))


def _posts(
    conn: Connection[Any], brand: int, query: Query, start: tuple[int, int], limit: int
) -> tuple[list[SearchHit], str]:
    """Hits from a place on, round by round of blocks. A place is (blocks under, posts under) a number: blocks may
    overlap a little, so a page that ends within a round is continued by that round again, from the last post shown."""
    below, cut = start
    hits: dict[int, SearchHit] = {}
    for _ in range(_ROUNDS):
        blocks = archive.candidates(conn, brand, sorted(query.terms), below, _BLOCKS)
        ids = {id for _, block in blocks for id in block if id < cut} - hits.keys()
        for row in _matching(_rows(conn, brand, sorted(ids, reverse=True)), query):
            hits[row[0]] = _hit(row, query)
            if len(hits) == limit:
                return list(hits.values()), f"{below}.{row[0]}"
        if len(blocks) < _BLOCKS:
            return list(hits.values()), ""
        below, cut = blocks[-1][0], _NEWEST
    return list(hits.values()), f"{below}.{_NEWEST}"


def _place(cursor: str) -> tuple[int, int]:
    if not cursor:
        return _NEWEST, _NEWEST
    first, _, second = cursor.partition(".")
    below, cut = whole(first), whole(second)
    if below is None or cut is None:
        raise Refused("That page does not exist. Search again.")
    return below, cut


def _rows(conn: Connection[Any], brand: int, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Posts by id, newest first, as far as the reader may see them. A deleted one is not found by its words."""
    return (
        reader(conn)
        .execute(
            """
            SELECT i.id, i.thread_id, coalesce(c.id, 0), a.channel, a.handle, coalesce(p.name, ''),
                coalesce(p.handle, ''), i.published_at, i.text, i.direction
            FROM interaction i
            JOIN account a ON a.id = i.account_id
            LEFT JOIN identity p ON p.id = i.author_id
            LEFT JOIN LATERAL (
                SELECT id FROM cases WHERE customer_id = i.author_id AND thread_id = i.thread_id ORDER BY id DESC LIMIT 1
            ) c ON true
            WHERE i.id = ANY(%s) AND i.brand_id = %s AND i.deleted_at IS NULL ORDER BY i.id DESC
            """,
            [list(ids), brand],
        )
        .fetchall()
    )


def _matching(rows: Sequence[tuple[Any, ...]], query: Query) -> list[tuple[Any, ...]]:
    """The rows whose texts hold every term, and every phrase word for word."""
    held = holding([row[8] for row in rows], query.terms)
    return [
        row for row, holds in zip(rows, held, strict=True) if holds and _has_phrases(row[8], query.phrases)
    ]


def _has_phrases(text: str, phrases: Sequence[str]) -> bool:
    plain = _plain(text) if phrases else ""
    return all(phrase in plain for phrase in phrases)


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()


def _hit(row: Sequence[Any], query: Query) -> SearchHit:
    found = sorted({span for word in query.words for span in spans(row[8], word)})
    return SearchHit(
        interaction_id=row[0], thread_id=row[1], case_id=row[2], channel=row[3], account_handle=row[4],
        author_name=row[5], author_handle=row[6], published_at=row[7], text=row[8], hits=tuple(found),
        direction=row[9],
    )  # fmt: skip


def _people(conn: Connection[Any], brand: int, text: str) -> tuple[PersonHit, ...]:
    beginning = text.strip('"').lstrip("@").strip()
    if len(beginning) < 2:
        return ()
    ids = archive.people(conn, brand, beginning, PEOPLE)
    rows = reader(conn).execute(
        """
        SELECT p.id, p.network, p.handle, p.name, coalesce(c.id, 0), coalesce(c.last_in_at, p.first_seen)
        FROM identity p LEFT JOIN LATERAL (
            SELECT id, last_in_at FROM cases WHERE customer_id = p.id ORDER BY id DESC LIMIT 1
        ) c ON true
        WHERE p.id = ANY(%s) AND p.brand_id = %s ORDER BY 6 DESC, p.id
        """,
        [ids, brand],
    )
    return tuple(PersonHit(*row) for row in rows)
