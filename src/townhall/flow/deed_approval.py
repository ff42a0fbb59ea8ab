"""Approving a deed that waits: exactly that act, by other people than who wanted it; refusing it; and nobody deciding."""

from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.desk import deed_place
from townhall.flow.approving import behind, must_add, must_be_another, must_be_named
from townhall.flow.deeds import fact_of_deed, own_deed
from townhall.flow.outbound_gather import silence
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Refused
from townhall.outbound.logic.journey import GO_WITHIN, HOLD_LIFE, HOLD_WINDOW
from townhall.outbound.logic.steps import all_met, open_roles
from townhall.outbound.store import deeds
from townhall.outbound.store.deeds import Deed
from townhall.people.doors import Asker, require

SYSTEM = "system/outbound"


def approve(conn: Connection[Any], asker: Asker, deed_id: int, digest: bytes, now: Instant) -> bool:
    """One more approval; whether it was the last, so that the deed goes its way.

    Raises ``Forbidden`` for whoever wanted it and for roles that may not, ``Conflict`` when it is another deed than was
    read, ``Refused`` when nothing goes out now.
    """
    deed = _held(conn, asker, deed_id)
    if digest != deed.digest or not deed.is_as_decided():
        raise Conflict("This is not what you read. Nothing was approved; look at it again.")
    given = deeds.approvals(conn, deed_id)
    must_add(asker, deed.steps, given)
    _still_fit(conn, asker, deed)
    deeds.approve(conn, deed, asker.staff_id, asker.name, asker.roles, now)
    people = [*(one.roles for one in given), asker.roles]
    last = all_met(deed.steps, people)
    if last:
        deeds.move(
            conn, deed_id, ("held",), "waiting", asker.actor, "", now, not_before=now + HOLD_WINDOW,
            go_by=now + HOLD_WINDOW + GO_WITHIN,
        )  # fmt: skip
    else:
        deeds.still_waits(conn, deed_id, open_roles(deed.steps, people))
    told = fact_of_deed("approved", deed, asker.actor, now, given=len(people), wanted=len(deed.steps))
    journal.append(conn, [told])
    return last


def refuse(conn: Connection[Any], asker: Asker, deed_id: int, reason: str, now: Instant) -> None:
    """It is not done, for a reason that stays beside it."""
    if not reason.strip():
        raise Refused("Say why it is not done.")
    deed = _held(conn, asker, deed_id)
    must_be_named(asker, deed.steps)
    deeds.move(conn, deed_id, ("held",), "undone", asker.actor, f"refused: {reason.strip()}", now)
    journal.append(conn, [fact_of_deed("refused", deed, asker.actor, now)])


def expire(conn: Connection[Any], now: Instant) -> int:
    """Held deeds that nobody decided about in time are not done. Gives how many."""
    late = deeds.unapproved(conn, now - HOLD_LIFE)
    for deed in late:
        deeds.move(conn, deed.id, ("held",), "undone", SYSTEM, "nobody approved it in time", now)
    journal.append(conn, [fact_of_deed("expired", deed, SYSTEM, now) for deed in late])
    return len(late)


def _held(conn: Connection[Any], asker: Asker, deed_id: int) -> Deed:
    require(asker, "approve")
    deed = own_deed(conn, asker, deed_id)
    if deed.state != "held":
        raise Conflict("Somebody decided about this meanwhile.")
    must_be_another(asker, behind(conn, deed.brand_id, deed.staff_id, deed.wanted_by))
    return deed


def _still_fit(conn: Connection[Any], asker: Asker, deed: Deed) -> None:
    place = deed_place.place(conn, asker.brand_id, deed.post_id)
    if place is None or place.deleted:
        raise Refused("The post is gone by now. Refuse it, so that it leaves the queue.")
    if why := silence(conn, place):
        raise Refused(f"{why} It stays held.")
