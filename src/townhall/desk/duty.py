"""Who is to be told: holders, leads, approvers, and who comes next when somebody does not answer."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk.views.notices import Notice
from townhall.kernel.clock import Instant, to_datetime


class HeldUntold(Struct, frozen=True):
    """A reply, an act about a post or a statement for many, that waits for an approval of which nobody was told yet.

    ``cause`` names that very approval; ``approvers`` are the roles that may give it, ``decided`` who gave one already.
    """

    cause: str
    brand: int
    author: int
    what: str
    why: str
    approvers: tuple[str, ...]
    decided: tuple[int, ...]


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


_UNTOLD = """
SELECT * FROM (
    SELECT 'hold/' || r.id || '/' || r.version || CASE WHEN p.given > 0 THEN '/' || p.given ELSE '' END AS cause,
        r.brand_id, r.author_id, 'reply', h.why, h.approvers, p.by
    FROM release r JOIN hold h ON h.release_id = r.id
    CROSS JOIN LATERAL (SELECT count(*) AS given, coalesce(array_agg(staff_id), '{}') AS by FROM approval
        WHERE release_id = r.id AND voided_at IS NULL) p
    WHERE r.state = 'held' AND h.ended_at IS NULL AND h.held_at > %(since)s
    UNION ALL
    SELECT 'deed/' || d.id || '/' || p.given, d.brand_id, d.staff_id, d.kind, d.reason, d.approvers, p.by
    FROM deed d CROSS JOIN LATERAL (SELECT count(*) AS given, coalesce(array_agg(staff_id), '{}') AS by
        FROM deed_approval WHERE deed_id = d.id) p
    WHERE d.state = 'held' AND d.made_at > %(since)s
    UNION ALL
    SELECT 'statement/' || s.id || '/' || s.version, s.brand_id, s.author_id, 'statement',
        'for the cases of INC ' || s.incident, s.approvers, '{}'::bigint[]
    FROM statement s WHERE s.state = 'held' AND s.asked_at > %(since)s
) held
WHERE NOT EXISTS (SELECT 1 FROM notice_told t WHERE t.brand_id = held.brand_id AND t.cause = held.cause)
ORDER BY cause LIMIT 200
"""


def held_untold(conn: Connection[Any], since: Instant) -> list[HeldUntold]:
    """What is held since then, and of whose next approval nobody was told."""
    rows = reader(conn).execute(_UNTOLD, {"since": to_datetime(since)})
    return [HeldUntold(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), tuple(row[6])) for row in rows]


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


def names(conn: Connection[Any], staff: list[int]) -> dict[int, str]:
    """Names of staff by id."""
    rows = reader(conn).execute("SELECT id, name FROM staff WHERE id = ANY(%s)", [staff])
    return dict(rows.fetchall())
