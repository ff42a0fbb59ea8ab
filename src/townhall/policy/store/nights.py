"""SQL of nights: how far stored verdicts have been derived again."""

from datetime import date
from typing import Any

from msgspec import Struct, json
from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime


class Night(Struct, frozen=True):
    """One brand's night. Ids of interactions: new ones were looked at from ``fresh_from`` and are to ``fresh`` so far, up to
    ``upto``; then older ones again, to ``again`` so far."""

    brand: int
    night: date
    fresh_from: int
    fresh: int
    upto: int
    again: int
    checked: int
    different: int
    first: dict[str, Any] | None


def begin(conn: Connection[Any], brand: int, night: date, upto: int, now: Instant) -> bool:
    """Begins a brand's night where its last one ended; False when it was begun already."""
    done = conn.execute(
        """
        INSERT INTO policy_night (brand_id, night, fresh_from, fresh, upto, again, begun_at)
        SELECT %(brand)s, %(night)s, coalesce(max(last.fresh), 0), coalesce(max(last.fresh), 0), %(upto)s,
            coalesce(max(last.again), 0), %(now)s
        FROM (SELECT fresh, again FROM policy_night WHERE brand_id = %(brand)s ORDER BY night DESC LIMIT 1) last
        ON CONFLICT DO NOTHING
        """,
        {"brand": brand, "night": night, "upto": upto, "now": to_datetime(now)},
    )
    return bool(done.rowcount)


def running(conn: Connection[Any]) -> Night | None:
    """A night that is not done, the oldest, locked; None when there is none or another has it."""
    row = conn.execute(
        """
        SELECT brand_id, night, fresh_from, fresh, upto, again, checked, different, first FROM policy_night
        WHERE state = 'running' ORDER BY night, brand_id LIMIT 1 FOR UPDATE SKIP LOCKED
        """
    ).fetchone()
    return Night(*row) if row else None


def put(conn: Connection[Any], night: Night, ended: Instant = 0) -> None:
    """Keeps how far a night is; with ``ended`` it is done."""
    conn.execute(
        """
        UPDATE policy_night SET fresh = %s, again = %s, checked = %s, different = %s, first = %s::jsonb,
            state = CASE WHEN %s THEN 'done' ELSE 'running' END, ended_at = %s
        WHERE brand_id = %s AND night = %s
        """,
        [
            night.fresh, night.again, night.checked, night.different,
            json.encode(night.first).decode() if night.first else None, bool(ended),
            to_datetime(ended) if ended else None, night.brand, night.night,
        ],
    )  # fmt: skip
