"""What becomes of deleted posts, as pages and programs show it: each reading decides by what stands then."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall.archive import retention as store
from townhall.archive.logic import Exemption, Gone, RetentionRule, follows_author
from townhall.channels import CHANNELS
from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.desk.views.conversation import PostView

HISTORY = 50

_GONE = """
SELECT i.id, a.channel, e.id, e.choice, e.reason, e.made_by, e.made_at
FROM interaction i JOIN account a ON a.id = i.account_id
LEFT JOIN retention_exemption e ON e.post_id = i.id AND e.brand_id = i.brand_id AND e.undone_at IS NULL
WHERE i.id = ANY(%s) AND i.brand_id = %s AND i.direction = 'in' AND i.deleted_at IS NOT NULL
"""


def fates(conn: Connection[Any], brand: int, posts: Sequence[int]) -> dict[int, Gone]:
    """Those of these posts that a customer deleted → what becomes of them. Two queries."""
    rows, rules = reader(conn).execute(_GONE, [bigints(posts), brand]).fetchall(), store.rules(conn, brand)
    return {
        row[0]: choice_of(row[1], rules.get(row[1]), Exemption(*row[2:]) if row[2] else None) for row in rows
    }


def follows(channel: str) -> bool:
    """Whether a channel's terms ask to follow its authors; one that nobody knows is taken to."""
    return channel not in CHANNELS or follows_author(CHANNELS[channel].card.retention_class)


def with_fates(conn: Connection[Any], brand: int, posts: tuple[PostView, ...]) -> tuple[PostView, ...]:
    """The posts with what becomes of deleted ones; nothing stays in those that are withheld. Two queries if any is deleted.

    Our own words stay: they are the firm's, and stand in its releases as well.
    """
    deleted = [post.id for post in posts if post.deleted_at and post.direction == "in"]
    if not deleted:
        return posts
    found = fates(conn, brand, deleted)
    return tuple(_as_left(post, found.get(post.id)) if post.id in deleted else post for post in posts)


def _as_left(post: PostView, gone: Gone | None) -> PostView:
    """Pictures go with every deleted post: none of it is kept here."""
    if gone is not None and gone.shown:
        return replace(post, gone=gone, photos=())
    return replace(post, gone=gone, text="", edits=(), photos=(), topics=())


def choice_of(channel: str, rule: RetentionRule | None, exemption: Exemption | None = None) -> Gone:
    """What becomes of a post that is deleted on a channel, by the firm's choice there (``None``: nobody chose yet), and by an
    exception for that post."""
    return Gone(channel, follows(channel), rule, exemption)


def of_channel(conn: Connection[Any], brand: int, channel: str) -> Gone:
    """The same, as it stands now. One query."""
    return choice_of(channel, store.rules(conn, brand).get(channel))


class ChannelChoice(Struct, frozen=True):
    """A channel, how many accounts the brand has there, and what becomes of posts that are deleted there."""

    channel: str
    accounts: int
    gone: Gone


def choices(conn: Connection[Any], brand: int) -> list[ChannelChoice]:
    """Every channel, those of the brand first. Two queries."""
    rules = store.rules(conn, brand)
    counted = dict(
        conn.execute("SELECT channel, count(*) FROM account WHERE brand_id = %s GROUP BY channel", [brand]).fetchall()
    )  # fmt: skip
    kinds = sorted({*CHANNELS, *counted}, key=lambda kind: (kind not in counted, kind))
    return [ChannelChoice(kind, counted.get(kind, 0), choice_of(kind, rules.get(kind))) for kind in kinds]


def made(conn: Connection[Any], brand: int) -> list[RetentionRule]:
    """The choices that were made, the newest first. One query."""
    return store.history(conn, brand, HISTORY)
