"""Acts on people, tokens and the brand itself: each is done with its fact, or not at all. Nothing here commits."""

from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound
from townhall.kernel.fact import Fact
from townhall.people import store
from townhall.people.doors import Asker, require


def set_roles(
    conn: Connection[Any], asker: Asker, staff_id: int, roles: frozenset[str], now: Instant
) -> None:
    """Gives somebody exactly these roles at the asker's brand. Raises ``Refused`` on a word that is no role."""
    require(asker, "manage_people")
    store.set_roles(conn, asker.brand_id, staff_id, roles)
    say_roles(conn, asker, staff_id, roles, now)


def say_roles(
    conn: Connection[Any], asker: Asker, staff_id: int, roles: frozenset[str], now: Instant
) -> None:
    """Records that somebody has these roles now."""
    require(asker, "manage_people")
    _say(conn, asker, "person.seated", f"staff/{staff_id}", now, {"roles": sorted(roles)})


def make_token(
    conn: Connection[Any], asker: Asker, name: str, roles: frozenset[str], expires_at: Instant, now: Instant
) -> str:
    """A token for a program at the asker's brand; gives its secret, which is kept nowhere."""
    require(asker, "manage_tokens")
    token_id, secret = store.make_token(
        conn, asker.brand_id, name, roles, expires_at=expires_at, made_by=asker.staff_id
    )
    _say(conn, asker, "token.made", f"token/{token_id}", now, {"roles": sorted(roles), "until": expires_at})
    return secret


def end_token(conn: Connection[Any], asker: Asker, token_id: int, now: Instant) -> None:
    """Ends a token. Raises ``NotFound`` when there is none that still holds."""
    require(asker, "manage_tokens")
    if not store.revoke_token(conn, asker.brand_id, token_id):
        raise NotFound("There is no such token, or it has ended already.")
    _say(conn, asker, "token.ended", f"token/{token_id}", now, {})


def leave_observe(conn: Connection[Any], asker: Asker, now: Instant) -> None:
    """Lets the brand answer. Raises ``Conflict`` when it already could."""
    require(asker, "leave_observe")
    if not store.leave_observe(conn, asker.brand_id):
        raise Conflict("The brand can answer already.")
    _say(conn, asker, "brand.went_live", f"brand/{asker.brand_id}", now, {})


def return_to_observe(conn: Connection[Any], asker: Asker, now: Instant) -> None:
    """Makes the brand observe again: from the next moment nothing can be sent."""
    require(asker, "leave_observe")
    if not store.return_to_observe(conn, asker.brand_id):
        raise Conflict("The brand only observes already.")
    _say(conn, asker, "brand.observes", f"brand/{asker.brand_id}", now, {})


def _say(
    conn: Connection[Any], asker: Asker, kind: str, subject: str, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.{kind}", subject=subject, time=now, brand=asker.brand_id, actor=asker.actor, data=data
    )
    journal.append(conn, [fact])
