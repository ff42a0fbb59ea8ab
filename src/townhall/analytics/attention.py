"""SQL of what needs somebody: one open row a kind and subject."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.analytics.logic.attention import Concern
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


def standing(conn: Connection[Any], brand: int) -> dict[tuple[str, str], tuple[int, str]]:
    """What is open: (kind, subject) → (id, sentence)."""
    rows = reader(conn).execute(
        "SELECT kind, subject, id, sentence FROM attention WHERE brand_id = %s AND ended_at IS NULL", [brand]
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def raise_concern(conn: Connection[Any], brand: int, concern: Concern, owner: str, now: Instant) -> int:
    """A new thing that needs somebody. Gives its id; 0 when another was first."""
    row = conn.execute(
        "INSERT INTO attention (brand_id, kind, subject, sentence, owner, raised_at) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        [brand, concern.kind, concern.subject, concern.sentence, owner, to_datetime(now)],
    ).fetchone()
    return int(row[0]) if row else 0


def reword(conn: Connection[Any], id: int, sentence: str) -> None:
    """The figures in its sentence have moved."""
    conn.execute("UPDATE attention SET sentence = %s WHERE id = %s", [sentence, id])


def end(conn: Connection[Any], ids: Sequence[int], now: Instant) -> None:
    """What no longer needs anybody."""
    conn.execute("UPDATE attention SET ended_at = %s WHERE id = ANY(%s)", [to_datetime(now), list(ids)])


def acknowledge(conn: Connection[Any], brand: int, id: int, name: str, now: Instant) -> bool:
    """Somebody takes it: their name and the time stand on it for all. ``False`` when it is taken or over."""
    done = conn.execute(
        "UPDATE attention SET acknowledged_by = %s, acknowledged_at = %s, owner = %s"
        " WHERE id = %s AND brand_id = %s AND acknowledged_at IS NULL AND ended_at IS NULL",
        [name, to_datetime(now), name, id, brand],
    )
    return done.rowcount == 1
