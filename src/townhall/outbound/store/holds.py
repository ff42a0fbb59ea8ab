"""Holds and the approvals that end them."""

from typing import Any

from msgspec import Struct, json
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.logic.steps import Steps

_COLUMNS = "release_id, brand_id, why, reasons, approvers, steps, held_at, expires_at, ended_at, ended_by, outcome, remark"


class Held(Struct, frozen=True):
    """Why a release waits, for whom, and until when. ``steps`` are all approvals it needs, ``approvers`` the roles
    that may give the next. ``outcome`` is "" while it waits."""

    release_id: int
    brand_id: int
    why: str
    reasons: tuple[str, ...]
    approvers: frozenset[str]
    steps: Steps
    held_at: Instant
    expires_at: Instant
    ended_at: Instant | None = None
    ended_by: str = ""
    outcome: str = ""
    remark: str = ""


class Approval(Struct, frozen=True):
    """Somebody's yes to exactly the words with this digest."""

    id: int
    release_id: int
    staff_id: int
    approver: str
    roles: frozenset[str]
    digest: bytes
    approved_at: Instant


def begin(conn: Connection[Any], held: Held) -> None:
    """Holds a release, or holds it again after an edit at its place in the queue."""
    conn.execute(
        """
        INSERT INTO hold (release_id, brand_id, why, reasons, approvers, steps, held_at, expires_at)
        VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s)
        ON CONFLICT (release_id) DO UPDATE
        SET why = excluded.why, reasons = excluded.reasons, approvers = excluded.approvers,
            steps = excluded.steps, expires_at = excluded.expires_at, ended_at = NULL, ended_by = '', outcome = '', remark = ''
        """,
        [
            held.release_id,
            held.brand_id,
            held.why,
            list(held.reasons),
            sorted(held.approvers),
            json.encode([sorted(step) for step in held.steps]).decode(),
            to_datetime(held.held_at),
            to_datetime(held.expires_at),
        ],
    )


def end(conn: Connection[Any], release_id: int, outcome: str, by: str, remark: str, now: Instant) -> bool:
    """Ends a hold that still waits; whether it did."""
    done = conn.execute(
        "UPDATE hold SET ended_at = %s, ended_by = %s, outcome = %s, remark = %s"
        " WHERE release_id = %s AND ended_at IS NULL",
        [to_datetime(now), by, outcome, remark, release_id],
    )
    return done.rowcount == 1


def get(conn: Connection[Any], release_id: int) -> Held | None:
    """The hold of a release, waiting or ended."""
    row = reader(conn).execute(f"SELECT {_COLUMNS} FROM hold WHERE release_id = %s", [release_id]).fetchone()
    if row is None:
        return None
    steps = tuple(frozenset(step) for step in row[5])
    values = (*row[:3], tuple(row[3]), frozenset(row[4]), steps, *row[6:])
    return Held(*values)


def still_waits(conn: Connection[Any], release_id: int, approvers: frozenset[str]) -> None:
    """Somebody approved and others have to: ``approvers`` are the roles that may give the next approval."""
    conn.execute(
        "UPDATE hold SET approvers = %s WHERE release_id = %s AND ended_at IS NULL",
        [sorted(approvers), release_id],
    )


def past_time(conn: Connection[Any], now: Instant, most: int = 100) -> list[int]:
    """Releases whose hold nobody decided about in time, locked for this transaction."""
    rows = conn.execute(
        "SELECT release_id FROM hold WHERE ended_at IS NULL AND expires_at <= %s"
        " ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED",
        [to_datetime(now), most],
    )
    return [row[0] for row in rows]


def no_longer_of(conn: Connection[Any], release_id: int, by: str, why: str) -> None:
    """A hold that ended with an approval is no longer of the words as they stand: they changed, or are a draft again."""
    conn.execute(
        "UPDATE hold SET outcome = 'withdrawn', ended_by = %s, remark = %s"
        " WHERE release_id = %s AND outcome = 'approved'",
        [by, why, release_id],
    )


def approve(
    conn: Connection[Any],
    brand_id: int,
    release_id: int,
    staff_id: int,
    approver: str,
    roles: frozenset[str],
    digest: bytes,
    now: Instant,
) -> int:
    """Keeps an approval; gives its id."""
    row = conn.execute(
        "INSERT INTO approval (brand_id, release_id, staff_id, approver, roles, digest, approved_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [brand_id, release_id, staff_id, approver, sorted(roles), digest, to_datetime(now)],
    ).fetchone()
    assert row
    return int(row[0])


def void(conn: Connection[Any], release_id: int, why: str, now: Instant) -> bool:
    """Ends every standing approval of a release; whether there was one."""
    done = conn.execute(
        "UPDATE approval SET voided_at = %s, voided_why = %s WHERE release_id = %s AND voided_at IS NULL",
        [to_datetime(now), why, release_id],
    )
    return done.rowcount > 0


def standing(conn: Connection[Any], release_id: int) -> list[Approval]:
    """The approvals that hold for a release now, in their order."""
    rows = reader(conn).execute(
        "SELECT id, release_id, staff_id, approver, roles, digest, approved_at FROM approval"
        " WHERE release_id = %s AND voided_at IS NULL ORDER BY id",
        [release_id],
    )
    return [
        Approval(row[0], row[1], row[2], row[3], frozenset(row[4]), bytes(row[5]), row[6]) for row in rows
    ]
