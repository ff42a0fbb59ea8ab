"""SQL of spools: how far each account's has been drained."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.intake.spool import Place


class Cursor(Struct, frozen=True):
    """Where the draining of an account's spool stands: the frame at ``place``, from its hit number ``hit`` on."""

    account_id: int
    place: Place
    hit: int
    drained: int


def cursors(conn: Connection[Any]) -> list[Cursor]:
    """Every account that listens."""
    rows = conn.execute(
        "SELECT account_id, segment, at_byte, hit, drained FROM spool_cursor ORDER BY account_id"
    )
    return [Cursor(id, Place(segment, at), hit, drained) for id, segment, at, hit, drained in rows]


def begin(conn: Connection[Any], account_id: int, brand_id: int) -> None:
    """The account listens from now on."""
    conn.execute(
        "INSERT INTO spool_cursor (account_id, brand_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [account_id, brand_id],
    )


def advance(conn: Connection[Any], account_id: int, place: Place, hit: int, taken: int) -> None:
    """``taken`` posts more were handed on; draining goes on at ``place``, from hit number ``hit`` of its frame."""
    conn.execute(
        "UPDATE spool_cursor SET segment = %s, at_byte = %s, hit = %s, drained = drained + %s WHERE account_id = %s",
        [place.segment, place.at, hit, taken, account_id],
    )


def waiting(conn: Connection[Any]) -> int:
    """Posts that wait for the pipeline."""
    row = conn.execute("SELECT coalesce(sum(items), 0)::bigint FROM delivery_pending").fetchone()
    assert row is not None
    return int(row[0])
