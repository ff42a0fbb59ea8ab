"""Single posts, as people's acts need them. The pipeline's own reading is in ``rows``."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

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
