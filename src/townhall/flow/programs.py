"""Tokens made and ended on the host, each with its fact. Nothing here commits."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people import store

_ACTOR = "system/command"


class Made(Struct, frozen=True):
    """A new token: its id, and the secret, which is kept nowhere."""

    id: int
    secret: str


def make(
    conn: Connection[Any],
    brand_id: int,
    name: str,
    roles: frozenset[str],
    expires_at: Instant,
    now: Instant,
    *,
    staff_email: str = "",
) -> Made:
    """A token for a program, or for a person with a seat at the brand. Raises ``Refused``, or ``NotFound`` for them."""
    if not roles:
        raise Refused("give the token a role")
    person = _seated(conn, brand_id, staff_email) if staff_email else None
    token_id, secret = store.make_token(
        conn, brand_id, name, roles, expires_at=expires_at, made_by=None, speaks_for=person
    )
    data = {"roles": sorted(roles), "until": expires_at, "staff": person or 0}
    _say(conn, brand_id, "token.made", token_id, now, data)
    return Made(token_id, secret)


def end(conn: Connection[Any], brand_id: int, token_id: int, now: Instant) -> None:
    """Ends a token. Raises ``NotFound`` when there is none that still holds."""
    if not store.revoke_token(conn, brand_id, token_id):
        raise NotFound("there is no such token at this brand, or it has ended already")
    _say(conn, brand_id, "token.ended", token_id, now, {})


def _seated(conn: Connection[Any], brand_id: int, email: str) -> int:
    for seat in store.seats(conn, brand_id):
        if seat.email.lower() == email.lower() and seat.active:
            return seat.staff_id
    raise NotFound(f"nobody at this brand has the address {email}")


def _say(
    conn: Connection[Any], brand_id: int, kind: str, token_id: int, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.{kind}",
        subject=f"token/{token_id}",
        time=now,
        brand=brand_id,
        actor=_ACTOR,
        data=data,
    )
    journal.append(conn, [fact])
