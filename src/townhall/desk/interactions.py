"""Interactions as a list and one by one, for programs and exports: newest taken in first, paged by id."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.desk.thread import photos
from townhall.desk.views.conversation import Edit, Photo
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.kernel.ids import id_at

SCAN = 10_000
"""A page looks at no more posts than this, so a filter that few pass costs no more than one that all pass."""
NEWEST = (1 << 63) - 1

_COLUMNS = f"""
    i.id, i.thread_id, i.account_id, a.channel, i.author_id, coalesce(p.handle, ''), coalesce(p.name, ''), i.direction,
    i.visibility, i.published_at, i.received_at, {snippets.said("i.")}, i.url,
    i.native_id, i.language, i.question, i.intent, i.sentiment, i.certainty, i.topics, i.findings, i.effect,
    i.priority, i.queue, i.rule, coalesce(i.edited_at, 'epoch'), coalesce(i.deleted_at, 'epoch'), i.likes, i.reposts,
    i.media
"""
_JOINS = "JOIN account a ON a.id = i.account_id LEFT JOIN identity p ON p.id = i.author_id"
_WALKED = {"thread": "thread_id", "author": "author_id"}
_TESTED = {"account": "account_id", "direction": "direction", "language": "language", "queue": "queue"}


class InteractionFilter(Struct, frozen=True):
    """What the list is narrowed to; empty parts narrow nothing. ``since`` and ``until`` are of the time we took it in."""

    thread: int = 0
    author: int = 0
    account: int = 0
    direction: str = ""
    language: str = ""
    queue: str = ""
    since: Instant = 0
    until: Instant = 0


class InteractionView(Struct, frozen=True):
    """One post with what was understood and decided. A deleted one has no text, no words of its topic and no photos.

    ``certainty`` belongs to ``sentiment`` (-1, 0, 1). ``revisions`` are what it said before each edit; the list
    leaves them out.
    """

    id: int
    thread_id: int
    account_id: int
    channel: str
    author_id: int
    author_handle: str
    author_name: str
    direction: str
    visibility: str
    published_at: Instant
    received_at: Instant
    text: str
    url: str
    native_id: str
    language: str
    question: bool
    intent: str
    sentiment: int
    certainty: float
    topics: list[str]
    findings: list[str]
    effect: str
    priority: int
    queue: str
    rule: str
    edited_at: Instant
    deleted_at: Instant
    likes: int
    reposts: int
    photos: tuple[Photo, ...]
    revisions: tuple[Edit, ...] = ()


def interactions(
    conn: Connection[Any], brand: int, wanted: InteractionFilter, after: int, limit: int
) -> tuple[list[InteractionView], int]:
    """A page, and the id to go on after (0 at the end). One query."""
    first = min(after - 1, NEWEST) if after else NEWEST
    if wanted.until:
        first = min(first, id_at(wanted.until) - 1)
    walked, tested, values = _conditions(wanted)
    values |= {"brand": brand, "first": max(first, -1), "last": min(max(id_at(wanted.since), 0), NEWEST)}
    rows = reader(conn).execute(_statement(walked, tested), values | {"limit": limit + 1}).fetchall()
    shown = [_view(row) for row in rows if row[30]][:limit]
    if len(rows) > limit:
        return shown, shown[-1].id
    return shown, rows[-1][0] if rows and rows[-1][31] == SCAN else 0


def _conditions(wanted: InteractionFilter) -> tuple[list[str], list[str], dict[str, Any]]:
    """What the walk is narrowed to (a thread and an author have an index), what its posts are tested for, the values."""
    values = {name: value for name in (*_WALKED, *_TESTED) if (value := getattr(wanted, name))}
    walked = [f"{_WALKED[name]} = %({name})s" for name in values if name in _WALKED]
    tested = [f"{_TESTED[name]} = %({name})s" for name in values if name in _TESTED]
    return walked, tested, values


def _statement(walked: list[str], tested: list[str]) -> str:
    test = " AND ".join(tested) or "true"
    return f"""
    WITH walk AS (
        SELECT *, row_number() OVER (ORDER BY id DESC) AS place FROM interaction
        WHERE {" AND ".join(["brand_id = %(brand)s", *walked])} AND id <= %(first)s AND id >= %(last)s
        ORDER BY id DESC LIMIT {SCAN}
    ), page AS (
        SELECT *, ({test}) AS passed FROM walk WHERE ({test}) OR place = {SCAN} ORDER BY id DESC LIMIT %(limit)s
    )
    SELECT {_COLUMNS}, i.passed, i.place FROM page i {_JOINS} ORDER BY i.id DESC
    """


def interaction(conn: Connection[Any], brand: int, post_id: int) -> InteractionView:
    """One post with its revisions. Raises ``NotFound``. Two queries."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM interaction i {_JOINS} WHERE i.id = %s AND i.brand_id = %s",
            [post_id, brand],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("That interaction does not exist.")
    return replace(_view(row), revisions=() if row[26] else _revisions(conn, post_id))


def _revisions(conn: Connection[Any], post_id: int) -> tuple[Edit, ...]:
    rows = reader(conn).execute(
        "SELECT replaced_at, text FROM revision WHERE interaction_id = %s ORDER BY replaced_at, id", [post_id]
    )
    return tuple(Edit(*row) for row in rows)


def _view(row: tuple[Any, ...]) -> InteractionView:
    values = dict(zip(InteractionView.__struct_fields__, row, strict=False))
    kept: dict[str, Any] = {"topics": [], "photos": ()} if row[26] else {"photos": photos(row[29])}
    return InteractionView(**{**values, **kept, "revisions": ()})
