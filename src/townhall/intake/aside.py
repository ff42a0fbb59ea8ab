"""SQL of what was set aside: items that could not be read, and posts that could not be stored. Each can be tried again."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.vault import Sealed

READ, STORED = "unread", "unstored"
"""What failed: reading the item's raw bytes, or storing the activity that was read in them (kept as JSON)."""
_COLUMNS = "id, account_id, run_id, line, kind, reason, key, body, rejected_at, tried"


class Aside(Struct, frozen=True):
    """One thing that waits for a person. ``line`` is that of the file it came in (0: it came alone)."""

    id: int
    account_id: int
    run_id: int
    line: int
    kind: str
    reason: str
    sealed: Sealed
    rejected_at: Instant
    tried: int


def waiting(
    conn: Connection[Any], brand: int, *, reason: str = "", before: int = 0, limit: int = 50
) -> list[Aside]:
    """The newest first, below the id ``before`` (0: from the newest); of one reason only, if given."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM reject WHERE brand_id = %s AND settled_at IS NULL"
        " AND (%s = 0 OR id < %s) AND (%s = '' OR reason = %s) ORDER BY id DESC LIMIT %s",
        [brand, before, before, reason, reason, limit],
    )
    return [_aside(row) for row in rows]


def take(conn: Connection[Any], brand: int, aside_id: int) -> Aside | None:
    """One that waits, held against others until the transaction ends; ``None`` when it does not wait any more."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM reject WHERE id = %s AND brand_id = %s AND settled_at IS NULL FOR UPDATE",
            [aside_id, brand],
        )
        .fetchone()
    )
    return _aside(row) if row else None


def reasons(conn: Connection[Any], brand: int) -> list[tuple[str, int]]:
    """How many wait for each reason, most first; at most 20 reasons."""
    rows = conn.execute(
        "SELECT reason, count(*) FROM reject WHERE brand_id = %s AND settled_at IS NULL"
        " GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 20",
        [brand],
    )
    return [(row[0], row[1]) for row in rows]


def note_try(conn: Connection[Any], aside_id: int, reason: str) -> None:
    """It was tried again and failed, for this reason."""
    conn.execute("UPDATE reject SET tried = tried + 1, reason = %s WHERE id = %s", [reason, aside_id])


def settle(conn: Connection[Any], aside_id: int, outcome: str, by: str, now: Instant) -> None:
    """It waits no more: ``taken`` or ``left_out``."""
    conn.execute(
        "UPDATE reject SET outcome = %s, settled_by = %s, settled_at = %s, tried = tried + %s WHERE id = %s",
        [outcome, by, to_datetime(now), int(outcome == "taken"), aside_id],
    )


def _aside(row: tuple[Any, ...]) -> Aside:
    id, account, run, line, kind, reason, key, body, at, tried = row
    return Aside(id, account, run or 0, line or 0, kind, reason, Sealed(bytes(key), bytes(body)), at, tried)
