"""SQL of the promises of one case, as people's acts change them. The pipeline's batches are in ``store``."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


class Commitment(Struct, frozen=True):
    """One row of the ledger. Times are instants, 0 for none; ``target`` and ``spent`` are working time, microseconds.

    ``strict_due`` and ``outage_due`` are the deadlines were no outage counted, and were every one; 0: no other than ``due``.
    ``own_levels``: the policy says when it is at risk.
    """

    id: int
    brand: int
    case: int
    post: int
    metric: str
    priority: int
    queue: str
    target: Instant
    calendar: str
    policy: int
    started: Instant
    due: Instant
    satisfied: Instant = 0
    satisfied_by: str = ""
    cancelled: Instant = 0
    cause: str = ""
    paused: Instant = 0
    calendar_version: int = 0
    spent: Instant = 0
    own_levels: bool = False
    strict_due: Instant = 0
    outage_due: Instant = 0

    def is_open(self) -> bool:
        """Whether the customer still waits for it."""
        return not (self.satisfied or self.cancelled)


_COLUMNS = """id, brand_id, case_id, post_id, metric, priority, queue, target, calendar, policy_id, started_at, due_at,
    coalesce(satisfied_at, 'epoch'), satisfied_by, coalesce(cancelled_at, 'epoch'), cause, coalesce(paused_at, 'epoch'),
    calendar_version, spent, own_levels, coalesce(strict_due_at, 'epoch'), coalesce(outage_due_at, 'epoch')"""


def of_case(connection: Connection[Any], case: int) -> list[Commitment]:
    """Every promise of a case, in order of start."""
    return of_cases(connection, [case]).get(case, [])


def of_cases(connection: Connection[Any], cases: Sequence[int]) -> dict[int, list[Commitment]]:
    """Every promise of these cases, in order of start."""
    rows = reader(connection).execute(
        f"SELECT {_COLUMNS} FROM commitment WHERE case_id = ANY(%s) ORDER BY case_id, started_at, id",
        [bigints(cases)],
        binary=True,
    )
    found: dict[int, list[Commitment]] = {}
    for row in rows:
        commitment = Commitment(*row)
        found.setdefault(commitment.case, []).append(commitment)
    return found


def write(connection: Connection[Any], rows: Sequence[Commitment]) -> None:
    """Writes promises as they now stand; new ones are made. In order of id."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, [_values(c) for c in sorted(rows, key=lambda c: c.id)])


_WRITE = """
    INSERT INTO commitment (id, brand_id, case_id, post_id, metric, priority, queue, target, calendar,
        policy_id, started_at, due_at, satisfied_at, satisfied_by, cancelled_at, cause, paused_at, calendar_version,
        spent, own_levels, strict_due_at, outage_due_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET post_id = excluded.post_id, metric = excluded.metric,
        queue = excluded.queue, target = excluded.target, calendar = excluded.calendar, policy_id = excluded.policy_id,
        started_at = excluded.started_at, due_at = excluded.due_at,
        satisfied_at = excluded.satisfied_at, satisfied_by = excluded.satisfied_by,
        cancelled_at = excluded.cancelled_at, cause = excluded.cause, paused_at = excluded.paused_at,
        calendar_version = excluded.calendar_version, spent = excluded.spent, own_levels = excluded.own_levels,
        strict_due_at = excluded.strict_due_at, outage_due_at = excluded.outage_due_at
    """


def _values(c: Commitment) -> tuple[Any, ...]:
    return (
        c.id, c.brand, c.case, c.post, c.metric, c.priority, c.queue, c.target, c.calendar, c.policy,
        to_datetime(c.started), to_datetime(c.due), _moment(c.satisfied), c.satisfied_by,
        _moment(c.cancelled), c.cause, _moment(c.paused), c.calendar_version, c.spent, c.own_levels,
        _moment(c.strict_due), _moment(c.outage_due),
    )  # fmt: skip


def withdraw(connection: Connection[Any], ids: Sequence[int]) -> None:
    """Removes promises that never were: only folding again may find that, and its fact says so."""
    if ids:
        connection.execute("DELETE FROM commitment WHERE id = ANY(%s)", [bigints(ids)])


def calendar_document(connection: Connection[Any], brand: int, slug: str) -> dict[str, Any] | None:
    """The newest version of a calendar as it is stored, or None."""
    row = (
        reader(connection)
        .execute(
            "SELECT document FROM calendar_version WHERE brand_id = %s AND slug = %s ORDER BY version DESC LIMIT 1",
            [brand, slug],
        )
        .fetchone()
    )
    return row[0] if row else None


def _moment(instant: Instant) -> Any:
    return to_datetime(instant) if instant else None
