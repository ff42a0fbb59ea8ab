"""SQL of alarms (a row a promise and level, so that each is raised once for ever)."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints, integers, moments, texts
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

SOON, MISSED = "soon", "missed"
MOST = 20_000
"""Alarms raised at once: what is left comes with the next pass, the newest first."""


def raise_due(
    connection: Connection[Any], brand: int, level: str, after: Instant, until: Instant, now: Instant
) -> list[tuple[int, int, str, Instant]]:
    """Raises the level for open, running promises due in ``after`` < due <= ``until`` that have not had it.

    Gives those raised now, at most ``MOST``: (commitment, case, queue, due).
    """
    rows = reader(connection).execute(
        """
        WITH due AS (
            SELECT id, case_id, queue, due_at FROM commitment
            WHERE brand_id = %(brand)s AND satisfied_at IS NULL AND cancelled_at IS NULL AND paused_at IS NULL
                AND NOT (own_levels AND %(level)s = 'soon') AND due_at > %(after)s AND due_at <= %(until)s
                AND NOT EXISTS (SELECT 1 FROM alarm a WHERE a.commitment_id = commitment.id AND a.level = %(level)s)
            ORDER BY due_at DESC, id LIMIT %(most)s
        ), raised AS (
            INSERT INTO alarm (commitment_id, level, brand_id, raised_at)
            SELECT id, %(level)s, %(brand)s, %(now)s FROM due ON CONFLICT DO NOTHING RETURNING commitment_id
        )
        SELECT d.id, d.case_id, d.queue, d.due_at FROM due d JOIN raised r ON r.commitment_id = d.id ORDER BY d.due_at, d.id
        """,
        {
            "brand": brand,
            "level": level,
            "after": to_datetime(after),
            "until": to_datetime(until),
            "now": to_datetime(now),
            "most": MOST,
        },
    )
    return rows.fetchall()


def pass_over(connection: Connection[Any], brand: int, missed: Sequence[int], now: Instant) -> None:
    """Keeps, for promises that were just told as missed, the levels before it that nobody was told of: those that the policy
    names, or the house's own."""
    if not missed:
        return
    names = {"ids": bigints(sorted(missed)), "brand": brand, "now": to_datetime(now)}
    connection.execute(
        """
        UPDATE alarm SET passed_over_at = %(now)s WHERE commitment_id = ANY(%(ids)s)
            AND raised_at IS NULL AND cancelled_at IS NULL AND passed_over_at IS NULL
        """,
        names,
    )
    connection.execute(
        """
        INSERT INTO alarm (commitment_id, level, brand_id, passed_over_at)
        SELECT id, 'soon', %(brand)s, %(now)s FROM commitment WHERE id = ANY(%(ids)s) AND NOT own_levels
            AND NOT EXISTS (SELECT 1 FROM alarm a WHERE a.commitment_id = commitment.id AND a.level = 'soon')
        ON CONFLICT DO NOTHING
        """,
        names,
    )


def plan(connection: Connection[Any], levels: Sequence[tuple[int, int, str, Instant]]) -> None:
    """Writes when levels that a policy names are reached: (commitment, brand, level, when; 0 while it stands still).

    A level that was raised is never raised again, whatever moves; one that was cancelled waits anew, and one that was passed
    over does when its time is another.
    """
    if not levels:
        return
    ordered = sorted(levels)
    connection.execute(
        """
        INSERT INTO alarm AS a (commitment_id, brand_id, level, due_at)
        SELECT id, brand, level, nullif(due, 'epoch')
        FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::timestamptz[]) AS n(id, brand, level, due)
        ON CONFLICT (commitment_id, level) DO UPDATE SET due_at = excluded.due_at, cancelled_at = NULL,
            passed_over_at = CASE WHEN a.due_at = excluded.due_at THEN a.passed_over_at END
        WHERE a.raised_at IS NULL
        """,
        [
            bigints([row[0] for row in ordered]), integers([row[1] for row in ordered]),
            texts([row[2] for row in ordered]), moments([row[3] for row in ordered]),
        ],
    )  # fmt: skip


def cancel(connection: Connection[Any], commitments: Sequence[int], now: Instant) -> None:
    """Levels of promises that ended are not raised any more."""
    if commitments:
        connection.execute(
            "UPDATE alarm SET cancelled_at = %s WHERE commitment_id = ANY(%s) AND raised_at IS NULL AND cancelled_at IS NULL"
            " AND passed_over_at IS NULL",
            [to_datetime(now), bigints(sorted(commitments))],
        )


def raise_planned(
    connection: Connection[Any], brand: int, after: Instant, now: Instant
) -> list[tuple[int, int, str, Instant, str]]:
    """Raises the levels whose time came in ``after`` < time <= ``now``, for promises that are open and run.

    Gives those raised now, at most ``MOST``: (commitment, case, queue, due, level). A row is locked while it is raised and
    passed over by another watch, so that each is raised once.
    """
    rows = reader(connection).execute(
        """
        WITH due AS (
            SELECT a.commitment_id, a.level FROM alarm a JOIN commitment c ON c.id = a.commitment_id
            WHERE a.brand_id = %(brand)s AND a.raised_at IS NULL AND a.cancelled_at IS NULL AND a.passed_over_at IS NULL
                AND a.due_at > %(after)s AND a.due_at <= %(now)s
                AND c.satisfied_at IS NULL AND c.cancelled_at IS NULL AND c.paused_at IS NULL AND c.due_at > %(now)s
            ORDER BY a.due_at DESC, a.commitment_id LIMIT %(most)s FOR UPDATE OF a SKIP LOCKED
        ), raised AS (
            UPDATE alarm a SET raised_at = %(now)s FROM due d
            WHERE a.commitment_id = d.commitment_id AND a.level = d.level RETURNING a.commitment_id, a.level
        )
        SELECT c.id, c.case_id, c.queue, c.due_at, r.level FROM raised r JOIN commitment c ON c.id = r.commitment_id
        ORDER BY c.due_at, c.id, r.level
        """,
        {"brand": brand, "after": to_datetime(after), "now": to_datetime(now), "most": MOST},
    )
    return rows.fetchall()


def acknowledge(connection: Connection[Any], commitment: int, actor: str, now: Instant) -> bool:
    """Somebody says that they have seen it. ``False`` when somebody had."""
    done = connection.execute(
        "UPDATE alarm SET acknowledged_by = %s, acknowledged_at = %s WHERE commitment_id = %s AND acknowledged_at IS NULL",
        [actor, to_datetime(now), commitment],
    )
    return done.rowcount > 0
