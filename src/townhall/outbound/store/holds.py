"""Holds and the approvals that end them."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_COLUMNS = (
    "release_id, brand_id, why, reasons, approvers, held_at, expires_at, ended_at, ended_by, outcome, remark"
)


class Held(Struct, frozen=True):
    """Why a release waits, for whom (roles), and until when. ``outcome`` is "" while it waits."""

    release_id: int
    brand_id: int
    why: str
    reasons: tuple[str, ...]
    approvers: frozenset[str]
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
    digest: bytes
    approved_at: Instant


def begin(conn: Connection[Any], held: Held) -> None:
    """Holds a release, or holds it again after an edit at its place in the queue."""
    conn.execute(
        """
        INSERT INTO hold (release_id, brand_id, why, reasons, approvers, held_at, expires_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (release_id) DO UPDATE
        SET why = excluded.why, reasons = excluded.reasons, approvers = excluded.approvers,
            expires_at = excluded.expires_at, ended_at = NULL, ended_by = '', outcome = '', remark = ''
        """,
        [
            held.release_id,
            held.brand_id,
            held.why,
            list(held.reasons),
            sorted(held.approvers),
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
    values = (*row[:3], tuple(row[3]), frozenset(row[4]), *row[5:])
    return Held(*values)


def past_time(conn: Connection[Any], now: Instant, most: int = 100) -> list[int]:
    """Releases whose hold nobody decided about in time, locked for this transaction."""
    rows = conn.execute(
        "SELECT release_id FROM hold WHERE ended_at IS NULL AND expires_at <= %s"
        " ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED",
        [to_datetime(now), most],
    )
    return [row[0] for row in rows]


def approve(
    conn: Connection[Any],
    brand_id: int,
    release_id: int,
    staff_id: int,
    approver: str,
    digest: bytes,
    now: Instant,
) -> int:
    """Keeps an approval; gives its id."""
    row = conn.execute(
        "INSERT INTO approval (brand_id, release_id, staff_id, approver, digest, approved_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        [brand_id, release_id, staff_id, approver, digest, to_datetime(now)],
    ).fetchone()
    assert row
    return int(row[0])


def void(conn: Connection[Any], release_id: int, why: str, now: Instant) -> bool:
    """Ends the standing approval of a release; whether there was one."""
    done = conn.execute(
        "UPDATE approval SET voided_at = %s, voided_why = %s WHERE release_id = %s AND voided_at IS NULL",
        [to_datetime(now), why, release_id],
    )
    return done.rowcount == 1


def standing(conn: Connection[Any], release_id: int) -> Approval | None:
    """The approval that holds for a release now."""
    row = (
        reader(conn)
        .execute(
            "SELECT id, release_id, staff_id, approver, digest, approved_at FROM approval"
            " WHERE release_id = %s AND voided_at IS NULL",
            [release_id],
        )
        .fetchone()
    )
    if row is None:
        return None
    values = (*row[:4], bytes(row[4]), row[5])
    return Approval(*values)
