"""What acts can name at a brand: its queues, who has a seat; and an import run. For programs, which see no menus."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound


class Colleague(Struct, frozen=True):
    """Somebody with a seat who can sign in."""

    staff_id: int
    name: str
    roles: list[str]


class QueueName(Struct, frozen=True):
    """A queue that cases wait in."""

    slug: str
    name: str


class ImportRun(Struct, frozen=True):
    """An import: lines ``read``, and what became of them so far; ``waiting`` are still to be understood."""

    id: int
    account_id: int
    began_at: Instant
    read: int
    accepted: int
    duplicates: int
    rejected: int
    waiting: int


def colleagues(conn: Connection[Any], brand: int) -> list[Colleague]:
    """Everybody who can hold a case, by name."""
    rows = conn.execute(
        "SELECT s.id, s.name, m.roles FROM staff s JOIN membership m ON m.staff_id = s.id"
        " WHERE m.brand_id = %s AND s.is_active ORDER BY s.name, s.id",
        [brand],
    )
    return [Colleague(*row) for row in rows]


def queues(conn: Connection[Any], brand: int) -> list[QueueName]:
    """The brand's queues, by name."""
    rows = conn.execute("SELECT slug, title FROM queue WHERE brand_id = %s ORDER BY title, slug", [brand])
    return [QueueName(*row) for row in rows]


def import_run(conn: Connection[Any], brand: int, run_id: int) -> ImportRun:
    """How far an import is. Raises ``NotFound``. A line that was folded into a post counts as accepted."""
    row = (
        reader(conn)
        .execute(
            """
            SELECT id, account_id, began_at, read, accepted + folded, duplicates, rejected,
                greatest(read - accepted - folded - duplicates - rejected, 0)
            FROM import_run WHERE id = %s AND brand_id = %s
            """,
            [run_id, brand],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("There is no such import.")
    return ImportRun(*row)
