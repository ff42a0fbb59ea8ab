"""SQL of alarms (a row a promise and level, so that each is raised once for ever) and of handing out cases."""

from typing import Any

from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.routing.logic import Agent

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
                AND due_at > %(after)s AND due_at <= %(until)s
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


def acknowledge(connection: Connection[Any], commitment: int, actor: str, now: Instant) -> bool:
    """Somebody says that they have seen it. ``False`` when somebody had."""
    done = connection.execute(
        "UPDATE alarm SET acknowledged_by = %s, acknowledged_at = %s WHERE commitment_id = %s AND acknowledged_at IS NULL",
        [actor, to_datetime(now), commitment],
    )
    return done.rowcount > 0


def handing_out(connection: Connection[Any]) -> list[tuple[int, str]]:
    """Queues that hand out their cases by themselves: (brand, slug)."""
    return connection.execute(
        "SELECT brand_id, slug FROM queue WHERE auto_assign ORDER BY brand_id, slug"
    ).fetchall()


def agents(
    connection: Connection[Any], brand: int, queue: str, seen: Instant, loads: dict[int, int]
) -> list[Agent]:
    """Who is there for a queue and was heard of after ``seen``; ``loads`` are the open cases each holds."""
    rows = reader(connection).execute(
        "SELECT staff_id, capacity, queues, coalesce(last_assigned, 'epoch') FROM presence"
        " WHERE brand_id = %s AND present AND seen_at > %s AND %s = ANY(queues) ORDER BY staff_id FOR UPDATE",
        [brand, to_datetime(seen), queue],
    )
    return [Agent(r[0], True, r[1], loads.get(r[0], 0), tuple(r[2]), r[3]) for r in rows]


def note_assigned(connection: Connection[Any], brand: int, staff: int, now: Instant) -> None:
    """Remembers when somebody was last given a case."""
    connection.execute(
        "UPDATE presence SET last_assigned = %s WHERE brand_id = %s AND staff_id = %s",
        [to_datetime(now), brand, staff],
    )


def be_present(
    connection: Connection[Any],
    brand: int,
    staff: int,
    present: bool,
    queues: list[str],
    capacity: int,
    now: Instant,
) -> None:
    """Somebody says that they are there (or not), for which queues and how many cases at once."""
    connection.execute(
        """
        INSERT INTO presence (staff_id, brand_id, present, capacity, queues, seen_at) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (staff_id, brand_id) DO UPDATE SET present = excluded.present, capacity = excluded.capacity,
            queues = excluded.queues, seen_at = excluded.seen_at
        """,
        [staff, brand, present, capacity, queues, to_datetime(now)],
    )
