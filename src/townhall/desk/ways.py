"""The ways of our answers: those of a case, and those whose posts stand in its thread. One query."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk.views.composer import ReleaseView
from townhall.desk.views.conversation import PostView
from townhall.outbound.logic.way import Way, steps
from townhall.outbound.logic.words import Picture
from townhall.outbound.store.pictures import read as pictures

_WAYS = """
SELECT r.id, coalesce(d.native_id, ''), r.author, r.made_at, r.version, r.state, coalesce(h.ended_at, 'epoch'),
    ARRAY(SELECT p.approver FROM approval p WHERE p.release_id = r.id AND p.voided_at IS NULL ORDER BY p.id),
    ARRAY(SELECT p.approved_at FROM approval p WHERE p.release_id = r.id AND p.voided_at IS NULL ORDER BY p.id),
    coalesce(d.state, ''), coalesce(d.not_before, 'epoch'), coalesce(d.attempts, 0), coalesce(d.looks, 0),
    coalesce(d.sent_at, 'epoch'), coalesce(d.changed_at, 'epoch'), coalesce(d.seen_at, 'epoch'), coalesce(s.name, ''),
    coalesce(d.url, ''), coalesce(d.error, ''), r.pictures::text
FROM release r LEFT JOIN hold h ON h.release_id = r.id
LEFT JOIN LATERAL (SELECT * FROM delivery d WHERE d.release_id = r.id ORDER BY d.id DESC LIMIT 1) d ON true
LEFT JOIN staff s ON d.state = 'sent' AND d.settled_by = 'staff/' || s.id
WHERE r.brand_id = %(brand)s AND r.id = ANY(ARRAY(
    SELECT release_id FROM delivery WHERE account_id = %(account)s AND native_id = ANY(%(natives)s) AND native_id <> ''
) || %(releases)s::bigint[])
"""


def with_ways(
    conn: Connection[Any],
    brand: int,
    account: int,
    posts: Sequence[PostView],
    releases: Sequence[ReleaseView],
) -> tuple[tuple[PostView, ...], tuple[ReleaseView, ...]]:
    """Our posts and replies with the steps that brought them where they are, posts with the pictures that went with them. A reply
    whose post stands among ``posts`` is left out: its way stands there. One query."""
    natives = [post.native_id for post in posts if post.author.own and post.native_id]
    asked = {"brand": brand, "account": account, "releases": [one.id for one in releases], "natives": natives}
    found, there, sent = {}, {}, {}
    for row in reader(conn).execute(_WAYS, asked):
        found[row[0]], sent[row[0]] = steps(_way(row)), pictures(row[19])
        if row[1]:
            there[row[1]] = row[0]
    shown = {there[native] for native in natives if native in there}
    return (
        tuple(
            replace(p, way=found[there[p.native_id]], pictures=_shown(p, sent[there[p.native_id]]))
            if p.author.own and p.native_id in there
            else p
            for p in posts
        ),
        tuple(
            replace(r, way=found.get(r.id, ())) for r in releases if r.id not in shown or r.state != "sent"
        ),
    )


def _shown(post: PostView, sent: tuple[Picture, ...]) -> tuple[Picture, ...]:
    """Our own pictures, as long as the post stands as it was sent: once it is changed or gone, what its network says holds."""
    return () if post.edited_at or post.deleted_at else sent


def _way(row: tuple[Any, ...]) -> Way:
    return Way(
        author=row[2], made_at=row[3], version=row[4], state=row[5], ended_at=row[6],
        approvals=tuple(zip(row[7], row[8], strict=True)), delivery=row[9], not_before=row[10], attempts=row[11],
        looks=row[12], sent_at=row[13], changed_at=row[14], seen_at=row[15], settled_by=row[16], url=row[17],
        error=row[18],
    )  # fmt: skip
