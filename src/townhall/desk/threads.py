"""Threads as a list and one by one, for programs: in the order of their ids, which are keyed and say nothing of time."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import conversation_sql
from townhall.desk.retention import with_fates
from townhall.desk.thread import post_views
from townhall.desk.views.conversation import PostView
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound

_THREAD = """
SELECT t.id, t.account_id, a.channel, a.handle, t.visibility, t.first_at, t.last_at, t.posts,
    coalesce(t.last_in_at, 'epoch'), coalesce(t.last_out_at, 'epoch'), coalesce(t.joined_into, 0),
    ARRAY(SELECT c.id FROM cases c WHERE c.thread_id = t.id ORDER BY c.id)
FROM thread t JOIN account a ON a.id = t.account_id
"""


class ThreadView(Struct, frozen=True):
    """A thread as it stands. ``joined_into`` is the thread that took it in (0: none); ``cases`` are ours in it."""

    id: int
    account_id: int
    channel: str
    account_handle: str
    visibility: str
    first_at: Instant
    last_at: Instant
    posts: int
    last_in_at: Instant
    last_out_at: Instant
    joined_into: int
    cases: list[int]


class ThreadPage(Struct, frozen=True):
    """A thread with posts of its own and of those joined into it, oldest first. ``earlier`` is the cursor to those before."""

    thread: ThreadView
    posts: tuple[PostView, ...]
    earlier: str


def threads(conn: Connection[Any], brand: int, after: int, limit: int) -> tuple[list[ThreadView], int]:
    """A page, and the id to go on after (0 at the end). One query."""
    rows = (
        reader(conn)
        .execute(
            f"{_THREAD} WHERE t.brand_id = %s AND (%s = 0 OR t.id < %s) ORDER BY t.id DESC LIMIT %s",
            [brand, after, after, limit + 1],
        )
        .fetchall()
    )
    shown = [ThreadView(*row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else 0


def thread(
    conn: Connection[Any], brand: int, thread_id: int, before: tuple[Instant, int] | None, limit: int
) -> ThreadPage:
    """One thread with its newest posts before a place. Raises ``NotFound``. Five queries at most."""
    row = (
        reader(conn).execute(f"{_THREAD} WHERE t.id = %s AND t.brand_id = %s", [thread_id, brand]).fetchone()
    )
    if row is None:
        raise NotFound("That thread does not exist.")
    found = conversation_sql.posts(conn, thread_id, before, limit)
    shown = found[:limit]
    edits = conversation_sql.edits(conn, [post[0] for post in shown])
    earlier = f"{shown[-1][9]}.{shown[-1][0]}" if len(found) > limit else ""
    posts = with_fates(conn, brand, post_views(shown, edits, 0, 0))
    return ThreadPage(ThreadView(*row), posts, earlier)
