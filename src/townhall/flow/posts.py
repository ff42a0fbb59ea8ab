"""Posts as people's acts and learning need them. The pipeline's own reading is in ``rows``."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound


class Post(Struct, frozen=True):
    """What an act has to know of a post."""

    id: int
    thread: int
    author: int
    direction: str
    text: str
    published: Instant


def newer_in_thread(connection: Connection[Any], thread: int, after: int) -> list[int]:
    """Posts that came into a thread after the post ``after``, oldest first, at most 100."""
    found = connection.execute(
        "SELECT id FROM interaction WHERE thread_id = %s AND id > %s ORDER BY id LIMIT 100", [thread, after]
    )
    return [row[0] for row in found]


def post(connection: Connection[Any], brand: int, post_id: int) -> Post:
    """One post of a brand. Raises ``NotFound``."""
    row = (
        reader(connection)
        .execute(
            "SELECT id, thread_id, author_id, direction, text, published_at FROM interaction"
            " WHERE id = %s AND brand_id = %s AND deleted_at IS NULL",
            [post_id, brand],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("That post does not exist, or its author took it back.")
    return Post(*row)


class Heard(Struct, frozen=True):
    """What stands of a post's first reading, and where its receiving is recorded (block, ordinal)."""

    brand: int
    direction: str
    deleted: bool
    question: bool
    intent: str
    sentiment: int
    certainty: float
    findings: list[str]
    block: int
    ordinal: int


def heard(connection: Connection[Any], post_id: int) -> Heard | None:
    """A post of any brand, for a worker's hand; ``None`` when there is none."""
    row = connection.execute(
        "SELECT brand_id, direction, deleted_at IS NOT NULL, question, intent, sentiment, certainty, findings, block_id,"
        " ordinal FROM interaction WHERE id = %s",
        [post_id],
    ).fetchone()
    return Heard(*row) if row else None


def texts_of(connection: Connection[Any], brand: int, posts: Iterable[int]) -> dict[int, tuple[str, Instant]]:
    """Post → its text and when that was edited last (0: never), for those that still stand."""
    found = reader(connection).execute(
        "SELECT id, text, coalesce(edited_at, 'epoch') FROM interaction WHERE brand_id = %s AND id = ANY(%s)"
        " AND deleted_at IS NULL",
        [brand, bigints(sorted(posts))],
    )
    return {id: (text, edited) for id, text, edited in found}


ToRead = tuple[int, str, str, int]
"""Interaction, text, the network's language, fingerprint."""


def newest_to_read(connection: Connection[Any], brand: int, after: int, most: int) -> list[ToRead]:
    """The newest posts from outside behind ``after``, at most so many."""
    return connection.execute(
        "SELECT id, text, language, simhash FROM interaction WHERE brand_id = %s AND id > %s AND direction = 'in'"
        " AND deleted_at IS NULL AND text <> '' ORDER BY id DESC LIMIT %s",
        [brand, after, most],
    ).fetchall()


def to_read_again(connection: Connection[Any], brand: int, posts: Iterable[int], after: int) -> list[ToRead]:
    """Those of these posts, behind ``after``, that still stand."""
    return connection.execute(
        "SELECT id, text, language, simhash FROM interaction WHERE brand_id = %s AND id = ANY(%s) AND id > %s"
        " AND deleted_at IS NULL AND text <> ''",
        [brand, bigints(sorted(posts)), after],
    ).fetchall()


def needs_of(connection: Connection[Any], post_ids: Iterable[int]) -> dict[int, str]:
    """Post → what its author needs, as it was read; "unsure" where it was."""
    found = connection.execute(
        "SELECT id, intent FROM interaction WHERE id = ANY(%s)", [bigints(sorted(post_ids))]
    )
    return {id: intent for id, intent in found}


def words_of(connection: Connection[Any], brand: int, post_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Post → its author and text, for those that still stand."""
    found = connection.execute(
        "SELECT id, author_id, text FROM interaction WHERE brand_id = %s AND id = ANY(%s) AND deleted_at IS NULL",
        [brand, bigints(sorted(post_ids))],
    )
    return {id: (author, text) for id, author, text in found}
