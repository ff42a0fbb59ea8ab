"""What stands above every page of a brand, in one query: stops in force, held replies, notices not yet seen."""

import psycopg
from msgspec import Struct

from townhall.people.doors import Asker

_BOUND = 1000

_STANDING = """
SELECT coalesce((SELECT array_agg(scope || ' ' || target ORDER BY id) FROM standing_stops()), '{}'),
    (SELECT count(*) FROM (SELECT 1 FROM release WHERE brand_id = %(brand)s AND state = 'held' LIMIT %(bound)s) h),
    (SELECT count(*) FROM (SELECT 1 FROM notice WHERE brand_id = %(brand)s AND staff_id = %(staff)s
        AND acknowledged_at IS NULL LIMIT %(bound)s) n)
"""


class Standing(Struct, frozen=True):
    """``stopped`` words each stop in force; ``held`` and ``notices`` stop counting at 1,000."""

    stopped: tuple[str, ...] = ()
    held: int = 0
    notices: int = 0


def standing(conn: psycopg.Connection, asker: Asker) -> Standing:
    """The standing of the asker's brand, for the asker."""
    row = conn.execute(
        _STANDING, {"brand": asker.brand_id, "staff": asker.staff_id, "bound": _BOUND}
    ).fetchone()
    assert row
    return Standing(tuple(_words(stop) for stop in row[0]), row[1], row[2])


def _words(stop: str) -> str:
    scope, _, target = stop.partition(" ")
    return {"everything": "everything, at every brand", "brand": "everything of this brand"}.get(
        scope, f"{scope} {target}"
    )
