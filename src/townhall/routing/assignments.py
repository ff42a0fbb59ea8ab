"""SQL of assignments: each with its reasons, never changed; what routing gave, what a lead overrode, what went back."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints, texts
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.routing.logic import Choice

Kind = Literal["given", "override", "returned"]


class Assignment(Struct, frozen=True):
    """One assignment. ``staff`` who got the case (or from whom it went back); ``reason`` in words, or the lead's own."""

    id: int
    case: int
    staff: int
    queue: str
    kind: Kind
    reason: str
    choice: Choice | None
    by: str
    at: Instant


class Fresh(Struct, frozen=True):
    """An assignment to be kept."""

    case: int
    staff: int
    queue: str
    kind: Kind
    reason: str
    choice: Choice | None = None


_COLUMNS = "id, case_id, staff_id, queue, kind, reason, choice, made_by, made_at"


def add(connection: Connection[Any], brand: int, rows: Sequence[Fresh], by: str, now: Instant) -> list[int]:
    """Keeps assignments in the order given. Gives their ids."""
    found = connection.execute(
        """
        INSERT INTO assignment (brand_id, case_id, staff_id, queue, kind, reason, choice, made_by, made_at)
        SELECT %s, n.case_id, n.staff, n.queue, n.kind, n.reason, nullif(n.choice, '')::jsonb, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY
            AS n(case_id, staff, queue, kind, reason, choice, place)
        ORDER BY n.place RETURNING id
        """,
        [
            brand, by, to_datetime(now), bigints([r.case for r in rows]), bigints([r.staff for r in rows]),
            texts([r.queue for r in rows]), texts([r.kind for r in rows]), texts([r.reason for r in rows]),
            texts([msgspec.json.encode(r.choice).decode() if r.choice else "" for r in rows]),
        ],
    )  # fmt: skip
    return [row[0] for row in found.fetchall()]


def of_case(connection: Connection[Any], brand: int, case: int, limit: int = 20) -> list[Assignment]:
    """What became of a case, newest first."""
    return _found(
        connection, "brand_id = %s AND case_id = %s ORDER BY id DESC LIMIT %s", [brand, case, limit]
    )


def latest(connection: Connection[Any], brand: int, before: int = 0, limit: int = 20) -> list[Assignment]:
    """The newest of a brand, older than ``before`` (0: from the top)."""
    return _found(
        connection,
        "brand_id = %s AND (%s = 0 OR id < %s) ORDER BY id DESC LIMIT %s",
        [brand, before, before, limit],
    )


def left_untouched(
    connection: Connection[Any], brand: int, since: Instant
) -> dict[int, list[tuple[int, Instant]]]:
    """Cases that went back by silence since then: case → (from whom, when)."""
    rows = reader(connection).execute(
        "SELECT case_id, staff_id, made_at FROM assignment WHERE brand_id = %s AND kind = 'returned' AND made_at > %s"
        " AND reason = 'silence' ORDER BY id",
        [brand, to_datetime(since)],
    )
    found: dict[int, list[tuple[int, Instant]]] = {}
    for case, staff, at in rows:
        found.setdefault(case, []).append((staff, at))
    return found


def _found(connection: Connection[Any], where: str, params: Sequence[Any]) -> list[Assignment]:
    rows = reader(connection).execute(f"SELECT {_COLUMNS} FROM assignment WHERE {where}", params)
    return [_assignment(list(row)) for row in rows]


def _assignment(row: list[Any]) -> Assignment:
    row[6] = msgspec.convert(row[6], Choice) if row[6] else None
    return Assignment(*row)
