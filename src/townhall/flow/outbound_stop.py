"""Stopping what goes out, and letting it go again."""

from typing import Any, Literal

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.flow.outbound_facts import fact_of_brand
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.outbound.logic.words import Stop
from townhall.outbound.store import stops
from townhall.people.doors import Asker, require

Scope = Literal["everything", "brand", "channel", "account"]
_EVERYWHERE = frozenset({"security", "compliance", "admin"})


class StopDone(Struct, frozen=True):
    """Outbound stands still. ``in_the_air`` are deliveries, ``deeds_in_the_air`` hidings and reports, whose call had
    begun: they alone may still arrive."""

    stop_id: int
    in_the_air: tuple[int, ...]
    deeds_in_the_air: tuple[int, ...] = ()


def stop(
    conn: Connection[Any], asker: Asker, scope: Scope, cause: str, now: Instant, *, target: str = ""
) -> StopDone:
    """Nothing in scope begins to go out once this is committed. ``target`` names a channel, or an account by its id.

    Waits for tries that are just being marked (milliseconds), never for a network. Raises ``Conflict`` when it was
    stopped already, ``Refused`` without a target or cause.
    """
    require(asker, "stop_outbound")
    _check(asker, scope, target)
    if not cause.strip():
        raise Refused("Say why: colleagues have to know when they may go on.")
    wanted = target if scope in ("channel", "account") else ""
    stops.shut_gate(conn)
    stop_id = stops.stop(conn, asker.brand_id, scope, wanted, cause, asker.actor, now)
    if stop_id is None:
        raise Conflict("That is stopped already.")
    flying, doing = stops.in_the_air(conn, asker.brand_id, scope, wanted)
    fact = fact_of_brand(
        "townhall.outbound.stopped",
        asker.brand_id,
        asker.actor,
        now,
        stop=stop_id,
        scope=scope,
        target=wanted,
    )
    journal.append(conn, [fact])
    return StopDone(stop_id, flying, doing)


def resume(conn: Connection[Any], asker: Asker, stop_id: int, now: Instant) -> None:
    """Ends a stop of this brand. What was due meanwhile needs a new time: nothing overdue goes out by itself."""
    require(asker, "resume_outbound")
    stops.shut_gate(conn)
    if not stops.resume(conn, asker.brand_id, stop_id, asker.actor, now):
        raise NotFound("There is no such stop in force at this brand.")
    journal.append(
        conn, [fact_of_brand("townhall.outbound.resumed", asker.brand_id, asker.actor, now, stop=stop_id)]
    )


def standing_stops(conn: Connection[Any]) -> list[Stop]:
    """The stops that the transaction's brand must obey now."""
    return stops.standing(conn)


def _check(asker: Asker, scope: Scope, target: str) -> None:
    if scope not in ("everything", "brand", "channel", "account"):
        raise Refused("Stop everything, brand, channel or account.")
    if scope in ("channel", "account") and not target:
        raise Refused(f"Say which {scope}.")
    if scope == "everything" and not asker.roles & _EVERYWHERE:
        raise Forbidden(
            "Stopping every brand needs the role security, compliance or admin. You can stop this brand."
        )
