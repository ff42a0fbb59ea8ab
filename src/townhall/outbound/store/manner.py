"""How a brand's answers begin and end, and the length that its replies keep to."""

from typing import Any

from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.logic.advice import ENOUGH, Manner

_LOOKED_AT = 200


def get(conn: Connection[Any], brand_id: int) -> Manner:
    """The brand's manner; nothing is wanted until somebody says so."""
    row = conn.execute("SELECT greetings, sign_offs FROM manner WHERE brand_id = %s", [brand_id]).fetchone()
    return Manner(tuple(row[0]), tuple(row[1])) if row else Manner()


def put(conn: Connection[Any], brand_id: int, manner: Manner, by: str, now: Instant) -> None:
    """Keeps it in place of what stood before."""
    conn.execute(
        "INSERT INTO manner (brand_id, greetings, sign_offs, made_by, made_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (brand_id) DO UPDATE SET greetings = excluded.greetings, sign_offs = excluded.sign_offs,"
        " made_by = excluded.made_by, made_at = excluded.made_at",
        [brand_id, list(manner.greetings), list(manner.sign_offs), by, to_datetime(now)],
    )


def usual_length(conn: Connection[Any], brand_id: int, channel: str, kind: str) -> int:
    """The length in code points that nine in ten of the newest replies there keep to; 0 while they are too few."""
    row = conn.execute(
        "SELECT count(*), coalesce(percentile_disc(0.9) WITHIN GROUP (ORDER BY length(text)), 0) FROM ("
        " SELECT text FROM release WHERE brand_id = %s AND channel = %s AND kind = %s AND state = 'released'"
        " ORDER BY id DESC LIMIT %s) said",
        [brand_id, channel, kind, _LOOKED_AT],
    ).fetchone()
    return int(row[1]) if row and row[0] >= ENOUGH else 0
