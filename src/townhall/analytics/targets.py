"""SQL of the targets that a brand sets itself, in place of a figure's own."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


class Target(Struct, frozen=True):
    """A brand's own target of a figure, in the figure's unit, and who set it when."""

    metric: str
    target: float
    set_by: str
    set_at: Instant


def targets(conn: Connection[Any], brand: int) -> dict[str, Target]:
    """The brand's own targets, by the figure's name."""
    rows = reader(conn).execute(
        "SELECT metric, target, set_by, set_at FROM metric_target WHERE brand_id = %s", [brand]
    )
    return {row[0]: Target(*row) for row in rows}


def put_target(conn: Connection[Any], brand: int, metric: str, target: float, by: str, now: Instant) -> None:
    """The brand's own target from now on."""
    conn.execute(
        "INSERT INTO metric_target (brand_id, metric, target, set_by, set_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (brand_id, metric) DO UPDATE SET target = excluded.target, set_by = excluded.set_by,"
        " set_at = excluded.set_at",
        [brand, metric, target, by, to_datetime(now)],
    )


def drop_target(conn: Connection[Any], brand: int, metric: str) -> bool:
    """The figure's own target counts again; whether the brand had one."""
    done = conn.execute("DELETE FROM metric_target WHERE brand_id = %s AND metric = %s", [brand, metric])
    return done.rowcount == 1
