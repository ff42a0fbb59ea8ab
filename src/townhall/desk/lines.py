"""The polite line of a place: in its language, with the person's first name and the network's way to us."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.channels import CHANNELS
from townhall.outbound.logic.moving import Line, polite_line


class Speaker(Struct, frozen=True):
    """The account that speaks: its channel, its id and handle there, and its server."""

    channel: str
    native_id: str
    handle: str
    server: str


def stored(conn: Connection[Any], brand: int) -> list[Line]:
    """The brand's own lines. One query."""
    rows = conn.execute(
        "SELECT text, language FROM macro WHERE brand_id = %s AND purpose = 'to_private' AND retired_at IS NULL",
        [brand],
    )
    return [Line(*row) for row in rows]


def line(own: Sequence[Line], account: Speaker, language: str, name: str) -> str:
    """What would be said in public by that account."""
    channel = CHANNELS.get(account.channel)
    link = channel.card.to_us(account.native_id, account.handle, account.server) if channel else ""
    return polite_line(own, language, name.split(" ")[0], link)
