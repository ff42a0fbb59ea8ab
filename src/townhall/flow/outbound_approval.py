"""The approver's verbs: approve exact words, return them with a reason; and what happens when nobody decides."""

from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.desk import reply_place
from townhall.flow.approving import behind, must_add, must_be_another, must_be_named, must_not_have_edited
from townhall.flow.drafting import back_to_draft, returned
from townhall.flow.fold_again import folded_again
from townhall.flow.outbound import MAX_TEXT
from townhall.flow.outbound_facts import fact_of
from townhall.flow.outbound_gather import saying_at, silence, surroundings
from townhall.flow.outbound_outcome import Awaiting, Released
from townhall.flow.outbound_release import let_go
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.outbound.logic.guard import judge
from townhall.outbound.logic.journey import HOLD_WINDOW
from townhall.outbound.logic.seal import digest_of, salted_digest
from townhall.outbound.logic.steps import all_met, open_roles
from townhall.outbound.logic.words import Block
from townhall.outbound.store import holds, releases
from townhall.outbound.store.drafts import Draft
from townhall.outbound.store.holds import Held
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
) -> Released | Awaiting:
    """Lets held words go, once everybody who has to approve them did; each approval is by another person.

    ``digest`` (32 bytes) is of what the approver read: other words are another decision, and void all approvals.

    Raises ``Forbidden`` for the author or a role that may not, ``Conflict`` when the words changed or the hold ended,
    ``Refused`` when they must not go any more (the post was deleted, the brand only observes, outbound is stopped).
    """
    release = held_release(conn, asker, release_id)
    held = _may_decide(conn, asker, release)
    if digest != release.digest:
        raise Conflict(
            "The author changed this text after you opened it. Nothing was approved; read the new version."
        )
    _still_fit(conn, asker, release)
    given = [one.roles for one in holds.standing(conn, release_id)] + [asker.roles]
    approval = holds.approve(
        conn, release.brand_id, release_id, asker.staff_id, asker.name, asker.roles, release.digest, now
    )
    if not all_met(held.steps, given):
        return _awaiting(conn, asker, release, held, given, approval, now)
    if not holds.end(conn, release_id, "approved", asker.actor, "", now):
        raise Conflict("Somebody decided about this meanwhile.")
    releases.put_state(conn, release_id, "released")
    released, fact = let_go(conn, release, asker.actor, now, window)
    approved = fact_of("townhall.release.approved", release, asker.actor, now, approval=approval)
    journal.append(conn, [approved, fact, *folded_again(conn, release.case_id, now)])
    return released


def _awaiting(
    conn: Connection[Any], asker: Asker, release: Release, held: Held, given: list[frozenset[str]], approval: int,
    now: Instant,
) -> Awaiting:  # fmt: skip
    """Keeps one approval of several; the reply waits for the others."""
    following = open_roles(held.steps, given)
    holds.still_waits(conn, release.id, following)
    told = fact_of(
        "townhall.release.approved", release, asker.actor, now,
        approval=approval, given=len(given), wanted=len(held.steps),
    )  # fmt: skip
    journal.append(conn, [told])
    return Awaiting(release.id, following, len(given), len(held.steps), held.expires_at)


def send_back(
    conn: Connection[Any],
    asker: Asker,
    release_id: int,
    reason: str,
    now: Instant,
    *,
    text: str = "",
    seen: bytes = b"",
) -> Draft:
    """Returns held words to their author with a reason, or with an edited ``text``; it is the author's draft then.

    Nothing goes out by it: the author sends it, or takes their own words back, and whoever edited it cannot approve it.
    ``seen`` is the digest of the words that were edited (empty: the caller cannot say). Raises ``Conflict`` when they changed.
    """
    if len(text) > MAX_TEXT:
        raise Refused(f"A text has at most {MAX_TEXT:,} characters.")
    release = held_release(conn, asker, release_id)
    if seen and seen != release.digest:
        raise Conflict(
            "The author changed this text after you opened it. Nothing was returned; read the new version."
        )
    edited = text if text.strip() and text.strip() != release.text.strip() else ""
    if not reason.strip() and not edited:
        raise Refused("Say why, or change the text: the author has to know what to change.")
    must_be_another(asker, behind(conn, release.brand_id, release.author_id, release.author))
    held = holds.get(conn, release_id)
    must_be_named(asker, held.steps if held else ())
    if not holds.end(conn, release_id, "returned", asker.actor, reason, now):
        raise Conflict("Somebody decided about this meanwhile.")
    holds.void(conn, release_id, "returned", now)
    releases.put_state(conn, release_id, "returned")
    draft = returned(conn, release, reason, asker, edited, now)
    more = {"edited": salted_digest(release.salt, replace(release.saying, text=edited))} if edited else {}
    fact = fact_of("townhall.release.returned", release, asker.actor, now, **more)
    journal.append(conn, [fact, *folded_again(conn, release.case_id, now)])
    return draft


def expire_holds(conn: Connection[Any], now: Instant) -> int:
    """Held words that nobody decided about go back to their authors; they need a new time. Gives how many."""
    facts = []
    for release_id in holds.past_time(conn, now):
        release = releases.get(conn, release_id, lock=True)
        assert release
        holds.end(conn, release_id, "expired", SYSTEM, "nobody decided in time", now)
        holds.void(conn, release_id, "nobody decided in time", now)
        releases.put_state(conn, release_id, "expired")
        back_to_draft(conn, release, "Nobody approved this in time. It needs a new time: send it again.", now)
        facts.append(fact_of("townhall.release.expired", release, SYSTEM, now))
        facts += folded_again(conn, release.case_id, now)
    journal.append(conn, facts)
    return len(facts)


def held_release(conn: Connection[Any], asker: Asker, release_id: int) -> Release:
    """A reply that waits for a decision, locked, for somebody who approves. Raises as ``approve`` does."""
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


def _may_decide(conn: Connection[Any], asker: Asker, release: Release) -> Held:
    """The hold, for somebody who may give an approval that it still needs. Raises ``Forbidden``."""
    must_be_another(asker, behind(conn, release.brand_id, release.author_id, release.author))
    must_not_have_edited(asker, release.editor_id)
    held = holds.get(conn, release.id)
    assert held, "what is held has a hold"
    must_add(asker, held.steps, holds.standing(conn, release.id))
    return held


def _still_fit(conn: Connection[Any], asker: Asker, release: Release) -> None:
    """What may have changed since it was held: the guard is asked again, and only what blocks counts."""
    place = reply_place.place(conn, asker.brand_id, release.case_id, release.reply_to)
    if place is None:
        raise NotFound("That conversation does not exist.")
    if why := silence(conn, place):
        raise Refused(f"{why} The text stays held.")
    saying = saying_at(place, release.kind, release.text, release.pictures)  # type: ignore[arg-type]
    if digest_of(saying) != release.digest:
        raise Conflict("Where this would go has changed since it was written. Return it to its author.")
    decision = judge(saying, surroundings(conn, place, saying, release.id))
    if isinstance(decision, Block):
        raise Refused(f"{decision.why} Return it to its author.")
