"""The approver's verbs: approve exact words, return them with a reason; and what happens when nobody decides."""

from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.desk import reply_place
from townhall.flow.outbound import back_to_draft
from townhall.flow.outbound_facts import fact_of
from townhall.flow.outbound_gather import saying_at, silence, surroundings
from townhall.flow.outbound_outcome import Released
from townhall.flow.outbound_release import let_go
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.outbound.logic.guard import judge
from townhall.outbound.logic.journey import HOLD_WINDOW
from townhall.outbound.logic.seal import digest_of
from townhall.outbound.logic.words import Block
from townhall.outbound.store import holds, releases
from townhall.outbound.store.drafts import Draft
from townhall.outbound.store.releases import Release
from townhall.people.doors import Asker, require

SYSTEM = "system/outbound"


def approve(
    conn: Connection[Any],
    asker: Asker,
    release_id: int,
    digest: bytes,
    now: Instant,
    *,
    window: Instant = HOLD_WINDOW,
) -> Released:
    """Lets held words go. ``digest`` (32 bytes) is of what the approver read: other words are another decision.

    Raises ``Forbidden`` for the author or a role that may not, ``Conflict`` when the words changed or the hold ended,
    ``Refused`` when they must not go any more (the post was deleted, the brand only observes, outbound is stopped).
    """
    release = _held(conn, asker, release_id)
    _may_decide(conn, asker, release)
    if digest != release.digest:
        raise Conflict(
            "The author changed this text after you opened it. Nothing was approved; read the new version."
        )
    _still_fit(conn, asker, release)
    if not holds.end(conn, release_id, "approved", asker.actor, "", now):
        raise Conflict("Somebody decided about this meanwhile.")
    approval = holds.approve(
        conn, release.brand_id, release_id, asker.staff_id, asker.name, release.digest, now
    )
    releases.put_state(conn, release_id, "released")
    released, fact = let_go(conn, release, asker.actor, now, window)
    journal.append(
        conn, [fact_of("townhall.release.approved", release, asker.actor, now, approval=approval), fact]
    )
    return released


def send_back(conn: Connection[Any], asker: Asker, release_id: int, reason: str, now: Instant) -> Draft:
    """Returns held words to their author with a reason; the text is the author's draft again."""
    if not reason.strip():
        raise Refused("Say why: the author has to know what to change.")
    release = _held(conn, asker, release_id)
    _may_decide(conn, asker, release)
    if not holds.end(conn, release_id, "returned", asker.actor, reason, now):
        raise Conflict("Somebody decided about this meanwhile.")
    releases.put_state(conn, release_id, "returned")
    draft = back_to_draft(conn, release, reason, now)
    journal.append(conn, [fact_of("townhall.release.returned", release, asker.actor, now)])
    return draft


def expire_holds(conn: Connection[Any], now: Instant) -> int:
    """Held words that nobody decided about go back to their authors; they need a new time. Gives how many."""
    facts = []
    for release_id in holds.past_time(conn, now):
        release = releases.get(conn, release_id, lock=True)
        assert release
        holds.end(conn, release_id, "expired", SYSTEM, "nobody decided in time", now)
        releases.put_state(conn, release_id, "expired")
        back_to_draft(conn, release, "Nobody approved this in time. It needs a new time: send it again.", now)
        facts.append(fact_of("townhall.release.expired", release, SYSTEM, now))
    journal.append(conn, facts)
    return len(facts)


def _held(conn: Connection[Any], asker: Asker, release_id: int) -> Release:
    require(asker, "approve")
    release = releases.get(conn, release_id, lock=True)
    if release is None or release.brand_id != asker.brand_id:
        raise NotFound("That reply does not exist.")
    if release.state != "held":
        raise Conflict("Somebody decided about this meanwhile.")
    if digest_of(release.saying) != release.digest:
        raise Conflict(
            "The stored text is not what was held. Nothing was approved; tell your security officer."
        )
    return release


def _may_decide(conn: Connection[Any], asker: Asker, release: Release) -> None:
    if not asker.staff_id:
        raise Forbidden("Only a person approves.")
    if asker.staff_id == release.author_id:
        raise Forbidden("You wrote this: somebody else has to decide.")
    held = holds.get(conn, release.id)
    if held is None or not held.approvers & asker.roles:
        wanted = " or ".join(sorted(held.approvers)) if held else "nobody"
        raise Forbidden(f"This needs the role {wanted}.")


def _still_fit(conn: Connection[Any], asker: Asker, release: Release) -> None:
    """What may have changed since it was held: the guard is asked again, and only what blocks counts."""
    place = reply_place.place(conn, asker.brand_id, release.case_id, release.reply_to)
    if place is None:
        raise NotFound("That conversation does not exist.")
    if why := silence(conn, place):
        raise Refused(f"{why} The text stays held.")
    saying = saying_at(place, release.kind, release.text)  # type: ignore[arg-type]
    if digest_of(saying) != release.digest:
        raise Conflict("Where this would go has changed since it was written. Return it to its author.")
    decision = judge(saying, surroundings(conn, place, saying, release.id))
    if isinstance(decision, Block):
        raise Refused(f"{decision.why} Return it to its author.")
