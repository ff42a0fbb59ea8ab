"""Posts as they stand on the network: in order, with what they said before, and the one that matters marked."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from townhall.desk.views.conversation import Author, Edit, Photo, PostView

Row = tuple[Any, ...]


def post_views(
    newest_first: Sequence[Row], edits: Sequence[Row], matter: int, customer: int
) -> tuple[PostView, ...]:
    """Rows of ``conversation_sql.posts`` as the page shows them, oldest first.

    ``matter`` is the post of the open promise; without one, or when it is not here, the customer's newest that stands.
    """
    before: defaultdict[int, list[Edit]] = defaultdict(list)
    for post, replaced_at, text in edits:
        before[post].append(Edit(replaced_at, text))
    here = {row[24]: row for row in newest_first}
    marked = _matter(newest_first, matter, customer)
    return tuple(
        _post(row, here.get(row[25]), tuple(before[row[0]]), marked) for row in reversed(newest_first)
    )


def _matter(rows: Sequence[Row], matter: int, customer: int) -> int:
    if any(row[0] == matter for row in rows):
        return matter
    standing = (row[0] for row in rows if row[2] == customer and row[7] == "in" and not row[21])
    return next(standing, 0)


def _post(row: Row, parent: Row | None, edits: tuple[Edit, ...], marked: int) -> PostView:
    return PostView(
        id=row[0], native_id=row[1], author=Author(row[2], row[3], row[4], row[5], row[6]), direction=row[7],
        visibility=row[8], published_at=row[9], text=row[10], url=row[11], photos=photos(row[12]), language=row[13],
        question=row[14], intent=row[15], sentiment=row[16], certainty=row[17], topics=tuple(row[18]),
        findings=tuple(row[19]), edited_at=row[20], deleted_at=row[21], likes=row[22], reposts=row[23], edits=edits,
        matter=row[0] == marked, parent_id=parent[0] if parent else 0, parent_author=parent[4] if parent else "",
        effect=row[27], rule=row[28], parent_missing=row[29],
    )  # fmt: skip


def photos(media: Any) -> tuple[Photo, ...]:
    """The photos, videos and sounds of a stored post."""
    return tuple(Photo(m.get("url", ""), m.get("media_type", ""), m.get("alt", "")) for m in media or ())
