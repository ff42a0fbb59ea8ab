"""SQL of live pages that were frozen to be sent on: data as it stood, under an id that nobody guesses, for a time."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


class Frozen(Struct, frozen=True):
    """One of them. ``body`` is the exact text that was kept and ``digest`` its SHA-256; ``maker`` is 0 for a program."""

    id: str
    maker: int
    maker_name: str
    made_at: Instant
    expires_at: Instant
    period: str
    note: str
    body: str
    digest: str


_COLUMNS = "id, maker_id, maker_name, made_at, expires_at, period, note, "


def keep(conn: Connection[Any], brand: int, view: Frozen) -> None:
    """Keeps one."""
    conn.execute(
        "INSERT INTO frozen_view (id, brand_id, maker_id, maker_name, made_at, expires_at, period, note, body, digest)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            view.id, brand, view.maker, view.maker_name, to_datetime(view.made_at), to_datetime(view.expires_at),
            view.period, view.note, view.body, view.digest,
        ],
    )  # fmt: skip


def read(conn: Connection[Any], brand: int, id: str, now: Instant) -> Frozen | None:
    """One of a brand's, while it has not expired."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} body, digest FROM frozen_view WHERE id = %s AND brand_id = %s AND expires_at > %s",
            [id, brand, to_datetime(now)],
        )
        .fetchone()
    )
    return Frozen(*row) if row else None


def standing(conn: Connection[Any], brand: int, now: Instant, most: int) -> list[Frozen]:
    """Those of a brand that have not expired, without their bodies, the newest first."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} '', digest FROM frozen_view WHERE brand_id = %s AND expires_at > %s"
        " ORDER BY made_at DESC, id LIMIT %s",
        [brand, to_datetime(now), most],
    )
    return [Frozen(*row) for row in rows]


def drop(conn: Connection[Any], brand: int, id: str) -> bool:
    """Deletes one; whether it was there."""
    return conn.execute("DELETE FROM frozen_view WHERE id = %s AND brand_id = %s", [id, brand]).rowcount == 1


def sweep(conn: Connection[Any], now: Instant) -> int:
    """Deletes what has expired. Gives how many."""
    return conn.execute("DELETE FROM frozen_view WHERE expires_at <= %s", [to_datetime(now)]).rowcount
