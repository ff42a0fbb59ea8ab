"""Who is to be told: holders, leads, approvers, and who comes next when somebody does not answer."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk.views.notices import Notice
from townhall.kernel.clock import Instant, to_datetime


class HeldReply(Struct, frozen=True):
    """A reply that waits for approval and of which nobody was told yet. ``approvers`` are roles."""

    release: int
    brand: int
    author: int
    why: str
    approvers: tuple[str, ...]
    version: int


def brands(conn: Connection[Any]) -> list[int]:
    """Every brand's id."""
    return [row[0] for row in reader(conn).execute("SELECT id FROM brand ORDER BY id")]


def slugs(conn: Connection[Any]) -> dict[int, str]:
    """Every brand's short name by id."""
    return dict(reader(conn).execute("SELECT id, slug FROM brand").fetchall())


def with_role(conn: Connection[Any], brand: int, roles: tuple[str, ...]) -> list[int]:
    """Active staff of a brand who have one of these roles, those on duty first and in the order of duty."""
    rows = reader(conn).execute(
        """
        SELECT m.staff_id FROM membership m JOIN staff s ON s.id = m.staff_id AND s.is_active
        LEFT JOIN notice_duty d ON d.brand_id = m.brand_id AND d.staff_id = m.staff_id
        WHERE m.brand_id = %s AND m.roles && %s::text[] ORDER BY d.rank NULLS LAST, m.staff_id
        """,
        [brand, list(roles)],
    )
    return [row[0] for row in rows]


def holders(conn: Connection[Any], cases: list[int]) -> dict[int, int]:
    """Case → who holds it, for those that somebody holds."""
    rows = reader(conn).execute(
        "SELECT id, assignee_id FROM cases WHERE id = ANY(%s) AND assignee_id IS NOT NULL", [cases]
    )
    return dict(rows.fetchall())


def held_untold(conn: Connection[Any], since: Instant) -> list[HeldReply]:
    """Replies held since then of which nobody was told."""
    rows = reader(conn).execute(
        """
        SELECT r.id, r.brand_id, r.author_id, h.why, h.approvers, r.version FROM release r JOIN hold h ON h.release_id = r.id
        WHERE r.state = 'held' AND h.ended_at IS NULL AND h.held_at > %s
            AND NOT EXISTS (SELECT 1 FROM notice_told t WHERE t.brand_id = r.brand_id
                AND t.cause = 'hold/' || r.id || '/' || r.version)
        ORDER BY r.id LIMIT 200
        """,
        [to_datetime(since)],
    )
    return [HeldReply(row[0], row[1], row[2], row[3], tuple(row[4]), row[5]) for row in rows]


def notices(conn: Connection[Any], brand: int, staff: int, *, limit: int = 50) -> tuple[Notice, ...]:
    """What a person was told: what is open first, then the newest."""
    rows = reader(conn).execute(
        """
        SELECT id, kind, urgent, title, subject, url, happenings, first_at, last_at, coalesce(acknowledged_at, 'epoch')
        FROM notice WHERE brand_id = %s AND staff_id = %s
        ORDER BY (acknowledged_at IS NULL) DESC, urgent DESC, id DESC LIMIT %s
        """,
        [brand, staff, limit],
    )
    return tuple(Notice(*row) for row in rows)


def loads(conn: Connection[Any], brand: int) -> dict[int, int]:
    """How many open cases everybody holds."""
    rows = reader(conn).execute(
        "SELECT assignee_id, count(*) FROM cases WHERE brand_id = %s AND assignee_id IS NOT NULL AND state = 'open' GROUP BY 1",
        [brand],
    )
    return dict(rows.fetchall())


def waiting_in(
    conn: Connection[Any], brand: int, queue: str, limit: int
) -> list[tuple[int, Instant, Instant]]:
    """Open cases of a queue that nobody holds, earliest due first: (case, due or 0, opened)."""
    rows = reader(conn).execute(
        """
        SELECT id, coalesce(due_at, 'epoch'), opened_at FROM cases
        WHERE brand_id = %s AND state = 'open' AND paused_cause = '' AND queue = %s AND assignee_id IS NULL
        ORDER BY (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id LIMIT %s
        """,
        [brand, queue, limit],
    )
    return rows.fetchall()


def names(conn: Connection[Any], staff: list[int]) -> dict[int, str]:
    """Names of staff by id."""
    rows = reader(conn).execute("SELECT id, name FROM staff WHERE id = ANY(%s)", [staff])
    return dict(rows.fetchall())
