"""What a lead sets for handing out, and who says that they are here: each act with its fact."""

from typing import Any

import msgspec
from psycopg import Connection

from townhall import journal
from townhall.kernel.clock import DAY, Instant
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people import store as people
from townhall.people import tiers
from townhall.people.doors import Asker, require
from townhall.routing import settings, staffing
from townhall.routing.logic import Queue, Rules
from townhall.routing.logic.agent import MOST_CAPACITY
from townhall.routing.logic.queue import LONGEST
from townhall.routing.staffing import Profile

HEAVIEST = 20
MOST_TIERS = 20
ANSWERS = frozenset({"agent", "lead"})


def set_queue(conn: Connection[Any], asker: Asker, queue: Queue, now: Instant) -> None:
    """Sets what a queue needs and when it overflows. Raises ``NotFound``, ``Refused`` with what is wrong."""
    require(asker, "manage_routing")
    known = {one.slug for one in settings.queues(conn, asker.brand_id)}
    if strange := [slug for slug in queue.overflow_to if slug not in known or slug == queue.slug]:
        raise Refused(f"{queue.slug} cannot overflow to {strange[0]}: choose other queues of this brand.")
    waits = (queue.overflow_after, queue.relax_after, queue.silence_after, queue.stick_for, queue.usual_work)
    if any(not 0 <= wait <= LONGEST for wait in waits):
        raise Refused("Times of a queue lie between 0 and seven days.")
    if not queue.title.strip() or len(queue.title) > 80:
        raise Refused("Give the queue a name of at most 80 characters.")
    if not settings.set_queue(conn, asker.brand_id, queue):
        raise NotFound("This brand has no queue of that name.")
    _say(conn, asker, "queue.set", f"queue/{queue.slug}", now, msgspec.to_builtins(queue))


def set_rules(conn: Connection[Any], asker: Asker, rules: Rules, now: Instant) -> None:
    """Sets what holds for all queues. Raises ``Refused`` with what is wrong."""
    require(asker, "manage_routing")
    if any(not 0 <= weight <= HEAVIEST for _, weight in rules.weights):
        raise Refused(f"A case takes 0 to {HEAVIEST} units of somebody's room.")
    starts = [*(early for _, early in rules.tiers), rules.influence_head_start, rules.absent_after]
    if len(rules.tiers) > MOST_TIERS or any(not 0 <= early <= DAY for early in starts):
        raise Refused(f"At most {MOST_TIERS} tiers, and each time lies between 0 and a day.")
    if rules.influence_from < 0 or rules.reach_from < 0:
        raise Refused("Numbers of followers, likes and reposts are not negative.")
    settings.set_rules(conn, asker.brand_id, rules, asker.actor, now)
    _say(conn, asker, "routing.set", f"brand/{asker.brand_id}", now, msgspec.to_builtins(rules))


def set_profile(conn: Connection[Any], asker: Asker, staff_id: int, profile: Profile, now: Instant) -> None:
    """Sets what somebody can do and when they work. Raises ``NotFound`` for somebody who does not answer here."""
    require(asker, "manage_routing")
    if not people.roles_at(conn, staff_id, asker.brand_id) & ANSWERS:
        raise NotFound("Nobody of that number answers for this brand.")
    if not 0 <= profile.capacity <= MOST_CAPACITY:
        raise Refused(f"Somebody holds 0 to {MOST_CAPACITY} units at once.")
    known = {queue.slug for queue in settings.queues(conn, asker.brand_id)}
    if strange := [slug for slug in profile.queues if slug not in known]:
        raise Refused(f"There is no queue {strange[0]} at this brand.")
    staffing.set_profile(conn, asker.brand_id, staff_id, profile)
    _say(conn, asker, "agent.set", f"staff/{staff_id}", now, msgspec.to_builtins(profile))


def be_here(conn: Connection[Any], asker: Asker, now: Instant) -> bool:
    """The asker is here and may be given cases; the first time, of every queue. ``False`` when they were here already."""
    require(asker, "reply")
    if not asker.staff_id:
        raise Refused("A program is nowhere: use a token that speaks for a person.")
    brand = asker.brand_id
    if all(seat.staff != asker.staff_id for seat in staffing.seats(conn, brand)):
        every = tuple(queue.slug for queue in settings.queues(conn, brand))
        staffing.set_profile(conn, brand, asker.staff_id, Profile(queues=every))
    if not staffing.be_here(conn, brand, asker.staff_id, now):
        return False
    _say(conn, asker, "agent.came", f"staff/{asker.staff_id}", now, {})
    return True


def be_away(conn: Connection[Any], asker: Asker, now: Instant, staff_id: int = 0) -> bool:
    """The asker leaves, or a lead says so of somebody else; what they owe goes back. ``False`` when they were not here."""
    who = staff_id or asker.staff_id
    if who != asker.staff_id:
        require(asker, "manage_routing")
    if not staffing.be_away(conn, asker.brand_id, who, now):
        return False
    _say(conn, asker, "agent.left", f"staff/{who}", now, {})
    return True


def set_tier(
    conn: Connection[Any], asker: Asker, handle: str, tier: str, followers: int, now: Instant
) -> int:
    """Says how the brand stands to everybody of that handle. Gives how many that are. Raises ``NotFound``."""
    require(asker, "manage_routing")
    if len(tier) > 40 or not 0 <= followers <= 10_000_000_000:
        raise Refused("A tier is a word of at most 40 characters, and followers are a plain number.")
    found = tiers.identities_of(conn, asker.brand_id, handle)
    if not found:
        raise NotFound(f"Nobody called {handle} has written to this brand.")
    for identity in found:
        tiers.set_tier(conn, asker.brand_id, identity, tier.strip().lower(), followers, asker.actor, now)
        _say(
            conn,
            asker,
            "customer.tier_set",
            f"identity/{identity}",
            now,
            {"tier": tier, "followers": followers},
        )
    return len(found)


def _say(
    conn: Connection[Any], asker: Asker, what: str, subject: str, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.{what}", subject=subject, time=now, brand=asker.brand_id, actor=asker.actor, data=data
    )
    journal.append(conn, [fact])
