"""SQL of what stands beside cases: notes, macros, saved filters."""

import json
from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from townhall.care.logic import Case
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import NotFound, Refused


def add(connection: Connection[Any], case: Case, staff: int, author: str, text: str, now: Instant) -> int:
    """A note for staff. Gives its id."""
    return _one(
        connection,
        "INSERT INTO note (brand_id, case_id, staff_id, author, text, written_at) VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        [case.brand, case.id, staff, author, text, to_datetime(now)],
    )


def remove(connection: Connection[Any], note_id: int, now: Instant) -> None:
    """Takes a note out of sight; it is kept with the change that wrote it."""
    connection.execute("UPDATE note SET removed_at = %s WHERE id = %s", [to_datetime(now), note_id])


def add_macro(
    connection: Connection[Any],
    brand: int,
    name: str,
    text: str,
    made_by: str,
    now: Instant,
    language: str = "",
    purpose: str = "",
) -> int:
    """A stored answer of a brand; one of the same name is retired by it, and one of the same purpose and language.

    ``purpose``: "" is offered beside the box, ``to_private`` is the line that moves a thread to private. Gives its id.
    """
    if not name.strip() or not text.strip():
        raise Refused("A stored answer needs a name and a text.")
    connection.execute(
        "UPDATE macro SET retired_at = %s WHERE brand_id = %s AND retired_at IS NULL AND (lower(name) = lower(%s)"
        " OR (%s <> '' AND purpose = %s AND lower(language) = lower(%s)))",
        [to_datetime(now), brand, name.strip(), purpose, purpose, language],
    )
    return _one(
        connection,
        "INSERT INTO macro (brand_id, name, text, language, purpose, made_by, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [brand, name.strip(), text, language, purpose, made_by, to_datetime(now)],
    )


def retire_macro(connection: Connection[Any], brand: int, macro_id: int, now: Instant) -> None:
    """Takes a stored answer out of use. Raises ``NotFound``."""
    done = connection.execute(
        "UPDATE macro SET retired_at = %s WHERE id = %s AND brand_id = %s AND retired_at IS NULL",
        [to_datetime(now), macro_id, brand],
    )
    if not done.rowcount:
        raise NotFound("That stored answer does not exist.")


def save_filter(
    connection: Connection[Any],
    brand: int,
    staff: int,
    name: str,
    chosen: Mapping[str, Any],
    *,
    shared: bool = False,
) -> int:
    """Keeps a filter under a name of the person's own; one of the same name is replaced. Gives its id."""
    if not 1 <= len(name.strip()) <= 80:
        raise Refused("A saved filter needs a name of 1 to 80 characters.")
    return _one(
        connection,
        """
        INSERT INTO saved_filter (brand_id, staff_id, name, filter, shared) VALUES (%s, %s, %s, %s::jsonb, %s)
        ON CONFLICT (brand_id, staff_id, name) DO UPDATE SET filter = excluded.filter, shared = excluded.shared
        RETURNING id
        """,
        [brand, staff, name.strip(), json.dumps(dict(chosen)), shared],
    )


def drop_filter(connection: Connection[Any], brand: int, staff: int, filter_id: int) -> None:
    """Forgets one's own filter. Raises ``NotFound``."""
    done = connection.execute(
        "DELETE FROM saved_filter WHERE id = %s AND brand_id = %s AND staff_id = %s",
        [filter_id, brand, staff],
    )
    if not done.rowcount:
        raise NotFound("That filter does not exist.")


def _one(connection: Connection[Any], statement: str, params: list[Any]) -> int:
    row = connection.execute(statement, params).fetchone()
    assert row is not None
    return int(row[0])
