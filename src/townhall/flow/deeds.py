"""What people do about a post on its network: hide it, show it again, report it, each with a reason and through the door.

Taking back is possible until it is done, and after that by its opposite where the network has one.
"""

import secrets
from typing import Any, Literal

from msgspec import Struct
from psycopg import Connection

from townhall import enrich, journal
from townhall.channels import CHANNELS
from townhall.channels.port import DeedKind
from townhall.desk import deed_place
from townhall.desk.deed_place import DeedPlace
from townhall.flow.outbound_gather import silence
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.outbound.logic.deed import (
    CATEGORIES,
    LONGEST_COMMENT,
    STUCK,
    UNDONE_AT_WILL,
    Terms,
    digest_of,
)
from townhall.outbound.logic.journey import GO_WITHIN, HOLD_WINDOW
from townhall.outbound.logic.steps import Steps, open_roles
from townhall.outbound.store import deeds
from townhall.outbound.store.deeds import Deed
from townhall.people.doors import Asker, require

LONGEST_REASON = 500
Verdict = Literal["done", "again", "drop"]
_DOING = {"hide": "hidden", "unhide": "shown again", "report": "reported"}


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody wants done about a post. ``reason`` stays in the house; a report's ``comment`` goes out with it."""

    post_id: int
    kind: DeedKind
    reason: str
    comment: str = ""
    category: str = "other"


def want(conn: Connection[Any], asker: Asker, wish: Wish, now: Instant) -> Deed:
    """Has it done after the time in which it can be taken back, or holds it where the post's rule wants approvals.

    Raises ``NotFound``, ``Refused`` for what the network or the door does not let, ``Conflict`` when it is done already.
    """
    require(asker, "moderate")
    place = _place(conn, asker, wish)
    _must_be_clear(wish)
    if why := silence(conn, place):
        raise Refused(f"{why} Nothing was done.")
    if wish.kind == "unhide" and not deeds.of_post(conn, place.post_id, "hide", ("done",)):
        raise Refused("We did not hide this post; there is nothing to show again.")
    steps = () if wish.kind == "unhide" else place.steps
    fresh = made(
        place, wish.kind, steps, now, reason=wish.reason.strip(), actor=asker.actor, staff_id=asker.staff_id,
        comment=wish.comment.strip(), category=wish.category if wish.kind == "report" else "",
    )  # fmt: skip
    [number] = deeds.add(conn, [fresh])
    if not number:
        raise Conflict(f"This post is {_DOING[wish.kind]} already, or about to be.")
    kept = deeds.get(conn, number)
    assert kept
    journal.append(conn, [fact_of_deed("held" if kept.state == "held" else "wanted", kept, asker.actor, now)])
    return kept


def take_back(conn: Connection[Any], asker: Asker, deed_id: int, now: Instant) -> Deed:
    """Nothing is done after all. Raises ``Conflict`` once it may have reached the network."""
    require(asker, "moderate")
    deed = own_deed(conn, asker, deed_id)
    if not deeds.move(conn, deed_id, sorted(UNDONE_AT_WILL), "undone", asker.actor, "taken back", now):
        raise Conflict(
            "It is too late to take this back: it is under way, or done. Its opposite can be done."
        )
    journal.append(conn, [fact_of_deed("undone", deed, asker.actor, now)])
    return deed


def resolve(conn: Connection[Any], asker: Asker, deed_id: int, verdict: Verdict, now: Instant) -> Deed:
    """A person who looked at the network decides about what is in doubt, overdue or failed: done, again, or drop."""
    require(asker, "moderate")
    deed = own_deed(conn, asker, deed_id)
    stuck = sorted(STUCK)
    if verdict == "done":
        moved = deed.state == "doubtful" and deeds.settle_done(conn, deed, "", now, asker.actor, now)
    elif verdict == "again":
        moved = deeds.move(
            conn, deed_id, stuck, "waiting", asker.actor, "", now, not_before=now, go_by=now + GO_WITHIN
        )
    elif verdict == "drop":
        moved = deeds.move(conn, deed_id, stuck, "undone", asker.actor, "dropped", now)
    else:
        raise Refused("Decide done, again or drop.")
    if not moved:
        raise Conflict("There is nothing to decide about this any more.")
    journal.append(conn, [fact_of_deed("resolved", deed, asker.actor, now, verdict=verdict)])
    return deed


def made(
    place: DeedPlace, kind: str, steps: Steps, now: Instant, *, reason: str, actor: str, staff_id: int = 0,
    comment: str = "", category: str = "", rule: str = "", left: str = "",
) -> Deed:  # fmt: skip
    """A new deed: held where ``steps`` want approvals, left for the reason ``left``, else waiting for its moment."""
    terms = Terms(
        brand_id=place.brand_id, account_id=place.account_id, kind=kind, post=place.post, author=place.author,
        comment=comment, category=category,
    )  # fmt: skip
    salt = secrets.token_bytes(16)
    return Deed(
        brand_id=place.brand_id, account_id=place.account_id, channel=place.channel, thread_id=place.thread_id,
        post_id=place.post_id, kind=kind, post=place.post, author=place.author, comment=comment, category=category,
        rule=rule, policy_id=place.policy_id, reason=reason[:LONGEST_REASON], wanted_by=actor, staff_id=staff_id,
        made_at=now, steps=steps, approvers=open_roles(steps, ()), digest=digest_of(terms), salt=salt,
        decision=f"deed-{place.post_id}-{kind}-{salt.hex()}", error=left,
        state="left" if left else "held" if steps else "waiting", not_before=now + HOLD_WINDOW,
        go_by=now + HOLD_WINDOW + GO_WITHIN,
    )  # fmt: skip


def own_deed(conn: Connection[Any], asker: Asker, deed_id: int) -> Deed:
    """A deed of the asker's brand, locked. Raises ``NotFound``."""
    deed = deeds.get(conn, deed_id, lock=True)
    if deed is None or deed.brand_id != asker.brand_id:
        raise NotFound("There is no such act.")
    return deed


def fact_of_deed(what: str, deed: Deed, actor: str, now: Instant, **data: Any) -> Fact:
    """A fact about a deed; its content is the salted hash of what is to be done exactly."""
    told = {"kind": deed.kind, "post": deed.post_id, "account": deed.account_id, "rule": deed.rule}
    return Fact(
        type=f"townhall.deed.{what}", subject=f"deed/{deed.id}", time=now, brand=deed.brand_id, actor=actor,
        data={**told, **data}, content=digest_of(deed.terms, deed.salt).hex(),
    )  # fmt: skip


def _place(conn: Connection[Any], asker: Asker, wish: Wish) -> DeedPlace:
    place = deed_place.place(conn, asker.brand_id, wish.post_id)
    if place is None:
        raise NotFound("That post does not exist.")
    if place.own:
        raise Refused("That is a post of our own.")
    if place.deleted:
        raise Refused("Its author deleted this post already.")
    channel = CHANNELS.get(place.channel)
    why = (
        channel.card.why_not(wish.kind, place.base_url) if channel else "Nobody speaks this network any more."
    )
    if why:
        raise Refused(f"{why} Nothing was done.")
    return place


def _must_be_clear(wish: Wish) -> None:
    if not wish.reason.strip():
        raise Refused("Say why: others have to understand it later.")
    if len(wish.reason) > LONGEST_REASON or len(wish.comment) > LONGEST_COMMENT:
        raise Refused(
            f"A reason has at most {LONGEST_REASON} characters, a comment {LONGEST_COMMENT}. Nothing was done."
        )
    if wish.category not in CATEGORIES:
        raise Refused(f"A report is for {', '.join(CATEGORIES)}.")
    if found := enrich.find_personal_data(wish.comment):
        raise Refused(
            f"The comment goes to the network, and holds personal data ({found[0].kind}). Take it out first."
        )
