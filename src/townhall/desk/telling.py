"""How staff are told: each person's ways out of the house, and the order of duty of a brand."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant


class Way(Struct, frozen=True):
    """One of a person's ways. ``sent_at`` is the last time something left by it (0 never); ``failure`` is what the
    last try said when it failed, "" when it did not."""

    id: int
    way: str
    address: str
    urgent_only: bool
    sent_at: Instant
    failure: str


class Watcher(Struct, frozen=True):
    """Somebody with a seat. ``rank`` counts from 1 in the order of duty (0: not on duty); ``ways`` how many ways out
    of the house they have; ``open`` what they were told and have not seen."""

    staff_id: int
    name: str
    roles: tuple[str, ...]
    rank: int
    ways: int
    open: int


def ways(conn: Connection[Any], brand: int, staff: int) -> tuple[Way, ...]:
    """A person's ways in use, oldest first."""
    rows = reader(conn).execute(
        """
        SELECT w.id, w.way, w.address, w.urgent_only, coalesce(s.sent_at, 'epoch'), coalesce(l.failure, '')
        FROM notice_way w
        LEFT JOIN LATERAL (SELECT max(sent_at) AS sent_at FROM notice_sending WHERE way_id = w.id) s ON true
        LEFT JOIN LATERAL (SELECT failure FROM notice_sending WHERE way_id = w.id AND (state <> 'ready' OR attempts > 0)
            ORDER BY id DESC LIMIT 1) l ON true
        WHERE w.brand_id = %s AND w.staff_id = %s AND w.stopped_at IS NULL ORDER BY w.id
        """,
        [brand, staff],
    )
    return tuple(Way(*row) for row in rows)


def watchers(conn: Connection[Any], brand: int) -> tuple[Watcher, ...]:
    """Everybody with a seat who may sign in: those on duty in their order, then the rest by name."""
    rows = reader(conn).execute(
        """
        SELECT s.id, s.name, m.roles, coalesce(row_number() OVER (PARTITION BY d.rank IS NULL ORDER BY d.rank), 0)
                * (d.rank IS NOT NULL)::int,
            (SELECT count(*) FROM notice_way w WHERE w.brand_id = m.brand_id AND w.staff_id = s.id AND w.stopped_at IS NULL),
            (SELECT count(*) FROM notice n WHERE n.brand_id = m.brand_id AND n.staff_id = s.id AND n.acknowledged_at IS NULL)
        FROM membership m JOIN staff s ON s.id = m.staff_id AND s.is_active
        LEFT JOIN notice_duty d ON d.brand_id = m.brand_id AND d.staff_id = s.id
        WHERE m.brand_id = %s ORDER BY d.rank NULLS LAST, s.name, s.id
        """,
        [brand],
    )
    return tuple(Watcher(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows)
