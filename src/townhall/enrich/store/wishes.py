"""SQL of wishes: that a head be taught in the background. One a head; the newest stands with what came of it."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_COLUMNS = "brand_id, head, state, error, by_id, by_name, asked_at"


class Wish(Struct, frozen=True):
    """``state`` is ``asked``, ``done`` or ``refused`` (then ``error`` says why)."""

    brand: int
    head: str
    state: str
    error: str
    by_id: int
    by: str
    at: Instant


def ask(conn: Connection[Any], brand: int, head: str, by_id: int, by: str, now: Instant) -> bool:
    """Asks; False when it is asked already and not done."""
    done = conn.execute(
        """
        INSERT INTO own_model_wish (brand_id, head, by_id, by_name, asked_at) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (brand_id, head) DO UPDATE SET state = 'asked', error = '', by_id = excluded.by_id,
            by_name = excluded.by_name, asked_at = excluded.asked_at
        WHERE own_model_wish.state <> 'asked'
        """,
        [brand, head, by_id, by, to_datetime(now)],
    )
    return bool(done.rowcount)


def waiting(conn: Connection[Any]) -> Wish | None:
    """The one that was asked first, of any brand."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM own_model_wish WHERE state = 'asked' ORDER BY asked_at, brand_id LIMIT 1"
        )
        .fetchone()
    )
    return Wish(*row) if row else None


def of_brand(conn: Connection[Any], brand: int) -> dict[str, Wish]:
    """The wishes of a brand by head."""
    rows = reader(conn).execute(f"SELECT {_COLUMNS} FROM own_model_wish WHERE brand_id = %s", [brand])
    return {row[1]: Wish(*row) for row in rows}


def end(conn: Connection[Any], wish: Wish, error: str = "") -> bool:
    """A wish was fulfilled, or refused with a reason; whether it still stood as it was seen."""
    done = conn.execute(
        "UPDATE own_model_wish SET state = %s, error = %s WHERE brand_id = %s AND head = %s AND state = 'asked' AND asked_at = %s",
        ["refused" if error else "done", error, wish.brand, wish.head, to_datetime(wish.at)],
    )
    return bool(done.rowcount)
