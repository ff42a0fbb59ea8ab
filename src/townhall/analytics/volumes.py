"""Volumes in slots of five minutes, for who watches them."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.kernel.clock import MINUTE, Instant, to_datetime

SLOT: Instant = 5 * MINUTE


class Slot(Struct, frozen=True):
    """Posts from outside in one slot (``number`` counts slots since 1970) of one account."""

    brand: int
    account: int
    number: int
    inbound: int
    negative: int


def by_slot(conn: Connection[Any], first: int, end: int) -> list[Slot]:
    """The slots from ``first`` to before ``end`` that hold posts from outside, in their order."""
    rows = conn.execute(
        "SELECT brand_id, account_id, (extract(epoch FROM minute) / %s)::numeric::bigint AS slot,"
        " sum(inbound), sum(negative) FROM ("
        "SELECT brand_id, account_id, date_bin('5 minutes', minute, 'epoch') AS minute, inbound, negative"
        " FROM rollup_volume WHERE minute >= %s AND minute < %s AND inbound > 0) AS m"
        " GROUP BY brand_id, account_id, minute ORDER BY minute, brand_id, account_id",
        [SLOT // 1_000_000, to_datetime(first * SLOT), to_datetime(end * SLOT)],
    )
    return [
        Slot(brand, account, int(slot), int(posts), int(cross)) for brand, account, slot, posts, cross in rows
    ]
