"""SQL of the promises of one case, as people's acts change them. The pipeline's batches are in ``store``."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


class Commitment(Struct, frozen=True):
    """One row of the ledger. Times are instants, 0 for none; ``target`` is working time, microseconds."""

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

    def is_open(self) -> bool:
        """Whether the customer still waits for it."""
        return not (self.satisfied or self.cancelled)


_COLUMNS = """id, brand_id, case_id, post_id, metric, priority, queue, target, calendar, policy_id, started_at, due_at,
    coalesce(satisfied_at, 'epoch'), satisfied_by, coalesce(cancelled_at, 'epoch'), cause, coalesce(paused_at, 'epoch')"""


def of_case(connection: Connection[Any], case: int) -> list[Commitment]:
    """Every promise of a case, in order of start."""
    rows = reader(connection).execute(
        f"SELECT {_COLUMNS} FROM commitment WHERE case_id = %s ORDER BY started_at, id", [case]
    )
    return [Commitment(*row) for row in rows]


def write(connection: Connection[Any], rows: Sequence[Commitment]) -> None:
    """Writes promises as they now stand; new ones are made. In order of id."""
    for c in sorted(rows, key=lambda c: c.id):
        connection.execute(
            """
            INSERT INTO commitment (id, brand_id, case_id, post_id, metric, priority, queue, target, calendar,
                policy_id, started_at, due_at, satisfied_at, satisfied_by, cancelled_at, cause, paused_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at, due_at = excluded.due_at,
                satisfied_at = excluded.satisfied_at, satisfied_by = excluded.satisfied_by,
                cancelled_at = excluded.cancelled_at, cause = excluded.cause, paused_at = excluded.paused_at
            """,
            [
                c.id, c.brand, c.case, c.post, c.metric, c.priority, c.queue, c.target, c.calendar, c.policy,
                to_datetime(c.started), to_datetime(c.due), _moment(c.satisfied), c.satisfied_by,
                _moment(c.cancelled), c.cause, _moment(c.paused),
            ],
        )  # fmt: skip


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
