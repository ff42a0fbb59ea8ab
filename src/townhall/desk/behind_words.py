"""What rows behind a figure are about, in the customer's words: of cases, or of posts. One query for all rows of a page."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.desk.figures import Behind


class About(Struct, frozen=True):
    """``words`` of a post ("" once deleted), ``who`` wrote them, the ``case`` they belong to (0: none)."""

    words: str
    who: str
    case: int


_CASES = f"""
SELECT c.id, {snippets.shown("c.")}, coalesce(nullif(p.name, ''), p.handle, ''), c.id
FROM cases c LEFT JOIN identity p ON p.id = c.customer_id WHERE c.id = ANY(%s) AND c.brand_id = %s
"""
_POSTS = f"""
SELECT i.id, {snippets.said("i.")}, coalesce(nullif(p.name, ''), p.handle, ''),
    coalesce(c.id, 0)
FROM interaction i LEFT JOIN identity p ON p.id = i.author_id
LEFT JOIN LATERAL (
    SELECT id FROM cases c WHERE c.thread_id = i.thread_id
    ORDER BY (c.customer_id = i.author_id) DESC, c.id DESC LIMIT 1
) c ON true
WHERE i.id = ANY(%s) AND i.brand_id = %s
"""


def about(conn: Connection[Any], brand: int, behind: Behind) -> list[About | None]:
    """For each row what it is about; ``None`` where nothing is known of it. Rows of cases by their case, others by their post."""
    of_cases = "case_id" in behind.columns
    ids = _ids(behind, "case_id" if of_cases else "id")
    rows = reader(conn).execute(_CASES if of_cases else _POSTS, [sorted({id for id in ids if id}), brand])
    known = {row[0]: About(*row[1:]) for row in rows}
    return [known.get(id) for id in ids]


def _ids(behind: Behind, column: str) -> Sequence[int]:
    place = behind.columns.index(column)
    return [row[place] or 0 for row in behind.rows]
