"""What was done about posts on their networks, and what waits there for a person. Read-only."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall.channels import CHANNELS
from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.desk.views.conversation import PostView
from townhall.desk.views.deeds import DeedView
from townhall.outbound.logic.deed import STUCK

_KINDS = ("hide", "unhide", "report")
_DEED = f"""
SELECT d.id, d.post_id, d.kind, d.state, d.rule, d.reason, coalesce(s.name, ''), d.wanted_by, d.staff_id, d.made_at,
    coalesce(d.done_at, 'epoch'), d.not_before, d.error, d.comment, d.category, encode(d.digest, 'hex'), d.approvers,
    jsonb_array_length(d.steps),
    ARRAY(SELECT p.approver FROM deed_approval p WHERE p.deed_id = d.id ORDER BY p.id),
    ARRAY(SELECT p.staff_id FROM deed_approval p WHERE p.deed_id = d.id ORDER BY p.id),
    d.channel, a.handle, coalesce({snippets.said("i.")}, ''), coalesce(w.handle, ''),
    coalesce((SELECT c.id FROM cases c WHERE c.thread_id = d.thread_id ORDER BY c.id DESC LIMIT 1), 0)
FROM deed d JOIN account a ON a.id = d.account_id
LEFT JOIN staff s ON s.id = d.staff_id
LEFT JOIN interaction i ON i.id = d.post_id
LEFT JOIN identity w ON w.id = i.author_id
"""
WAITING = ("held", *sorted(STUCK))
"""States in which a person has to decide."""


def of_posts(conn: Connection[Any], brand: int, posts: Sequence[int]) -> dict[int, tuple[DeedView, ...]]:
    """Post → what was wanted about it, oldest first. One query."""
    rows = reader(conn).execute(
        f"{_DEED} WHERE d.brand_id = %s AND d.post_id = ANY(%s) ORDER BY d.id", [brand, list(posts)]
    )
    found: defaultdict[int, list[DeedView]] = defaultdict(list)
    for row in rows:
        found[row[1]].append(_view(row))
    return {post: tuple(deeds) for post, deeds in found.items()}


def with_deeds(
    conn: Connection[Any], brand: int, posts: Sequence[PostView], channel: str, base_url: str
) -> tuple[PostView, ...]:
    """The posts with what was done about each, and what can be. One query."""
    known = of_posts(conn, brand, [post.id for post in posts])
    card = CHANNELS[channel].card if channel in CHANNELS else None
    offered = tuple(kind for kind in _KINDS if card and not card.why_not(kind, base_url))
    return tuple(
        replace(post, deeds=known.get(post.id, ()), offers=_open(post, known.get(post.id, ()), offered))
        for post in posts
    )


def deeds(
    conn: Connection[Any], brand: int, after: int, limit: int, *, states: Sequence[str] = ()
) -> tuple[list[DeedView], int]:
    """A page, newest first, and the id to go on after (0 at the end). One query."""
    rows = (
        reader(conn)
        .execute(
            f"{_DEED} WHERE d.brand_id = %(brand)s AND (%(after)s = 0 OR d.id < %(after)s)"
            " AND (%(states)s::text[] = '{}' OR d.state = ANY(%(states)s))"
            " ORDER BY d.id DESC LIMIT %(limit)s",
            {"brand": brand, "after": after, "states": list(states), "limit": limit + 1},
        )
        .fetchall()
    )
    shown = [_view(row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else 0


def _view(row: tuple[Any, ...]) -> DeedView:
    values = dict(zip(DeedView.__struct_fields__, row, strict=True))
    for name in ("approvers", "given", "given_by"):
        values[name] = tuple(values[name])
    return DeedView(**values)


def _open(post: PostView, known: Sequence[DeedView], offered: Sequence[str]) -> tuple[str, ...]:
    """What can be wanted about a post now: not what is done or under way, and nothing about our own."""
    if post.author.own or post.deleted_at:
        return ()
    live = {one.kind for one in known if one.is_live}
    hidden = any(one.kind == "hide" and one.state == "done" for one in known)
    return tuple(kind for kind in offered if kind not in live and (kind != "unhide" or hidden))
