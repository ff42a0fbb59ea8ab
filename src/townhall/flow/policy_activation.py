"""Putting a reviewed policy version in force: now, or at a time; and going back to one that was in force before."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.flow.policy_examined import Examined
from townhall.flow.policy_versions import act_of, bounded, locked, must_pass, tell
from townhall.kernel.clock import DAY, Instant, to_iso
from townhall.kernel.errors import Conflict, Refused
from townhall.people.doors import Asker, require
from townhall.policy.logic import Policy, parse_policy
from townhall.policy.store import versions as store
from townhall.policy.store.versions import Act, Version
from townhall.routing import store as routing

FURTHEST = 366 * DAY
CLOCK = "clock"


class Activated(Struct, frozen=True):
    """Version ``number`` is in force since ``at``, or will be ``due`` then (the other is 0); ``retired`` was before it (0 for none).

    Workers judge by it within two seconds. ``new_queues`` were made because the policy sends to them.
    """

    number: int
    at: Instant
    due: Instant
    retired: int
    new_queues: tuple[str, ...] = ()


def activate(
    conn: Connection[Any],
    asker: Asker,
    number: int,
    now: Instant,
    *,
    at: Instant = 0,
    examined: Examined | None = None,
) -> Activated:
    """A reviewed version judges from now on, or from ``at`` on. Raises ``Refused``, ``Conflict``, ``Forbidden``, or
    ``NeedsExamining`` until ``examined`` is of its text."""
    require(asker, "activate_policy")
    version = locked(conn, asker, number, "activate")
    _reviewed_as_it_stands(version)
    must_pass(conn, version, examined)
    if at <= now:
        return _in_force(conn, asker, version, act_of(asker, "activate", now), "activated")
    if at > now + FURTHEST:
        raise Refused("A version can be put in force at most a year ahead.")
    if not store.move(conn, version, "reviewed", act_of(asker, "schedule", now, to_iso(at)), due=at):
        raise Conflict(f"Somebody else was quicker with version {number}. Read it again.")
    tell(conn, asker, "scheduled", version, now, at=at)
    return Activated(number, 0, at, 0)


def call_off(conn: Connection[Any], asker: Asker, number: int, now: Instant) -> Version:
    """Takes the time away at which a version was to be put in force; it stays reviewed. Raises ``Conflict``."""
    require(asker, "activate_policy")
    version = locked(conn, asker, number, "call_off")
    if not version.due:
        raise Conflict(f"Version {number} has no time at which it is put in force.")
    store.move(conn, version, "reviewed", act_of(asker, "call_off", now))
    tell(conn, asker, "called_off", version, now, was=version.due)
    found = store.get(conn, asker.brand_id, number)
    assert found is not None
    return found


def roll_back(conn: Connection[Any], asker: Asker, number: int, reason: str, now: Instant) -> Activated:
    """An earlier version is in force again, at once and without another review: it was reviewed, and has judged before.

    The reason is kept. What is due at a time stays due. Raises ``Refused`` when the text cannot be read any more.
    """
    require(asker, "activate_policy")
    if not reason.strip():
        raise Refused("Say why you go back: whoever wrote the newer version has to know.")
    bounded("-", reason)
    version = locked(conn, asker, number, "roll_back")
    return _in_force(conn, asker, version, act_of(asker, "roll_back", now, reason.strip()), "rolled_back")


def activate_due(conn: Connection[Any], now: Instant) -> int:
    """Puts in force what is due, of every brand, in the order of the times; gives how many. For the clock role.

    Twice is as good as once: a version that is in force is not due. After downtime all that came due meanwhile is done in
    order, each with its fact. A text that cannot be read any more is called off with a fact, and stops nobody else.
    """
    done = 0
    for version in store.due(conn, now):
        house = Asker(
            staff_id=0, name=CLOCK, brand_id=version.brand_id, brand_slug="", roles=frozenset({"admin"})
        )
        try:
            _reviewed_as_it_stands(version)
            act = act_of(house, "activate", now, f"due at {to_iso(version.due)}")
            _in_force(conn, house, version, act, "activated")
            done += 1
        except (Refused, Conflict) as error:
            store.move(conn, version, "reviewed", act_of(house, "call_off", now, str(error)))
            tell(conn, house, "called_off", version, now, was=version.due, why=str(error))
    return done


def _reviewed_as_it_stands(version: Version) -> None:
    if version.reviewed != version.digest:
        raise Conflict(
            f"Version {version.number}: its text is not the one that was reviewed. Ask for its review again."
        )


def _in_force(conn: Connection[Any], asker: Asker, version: Version, act: Act, fact: str) -> Activated:
    policy = parse_policy(version.source)
    retired = store.make_active(conn, version, act, policy.approvals())
    if retired is None:
        raise Conflict(f"Somebody else was quicker with version {version.number}. Read it again.")
    new = routing.add_queues(
        conn, version.brand_id, queues_of(policy)
    )  # a post must not wait where nobody looks
    data: dict[str, Any] = {"retired": retired, "new_queues": new}
    if version.due:
        data["due"] = version.due
    if fact == "rolled_back":
        data["reason"] = act.remark
    tell(conn, asker, fact, version, act.at, **data)
    return Activated(version.number, act.at, 0, retired, tuple(new))


def queues_of(policy: Policy) -> list[tuple[str, str]]:
    """The queues that a policy sends to, each with a title made of its name."""
    names = {policy.otherwise.queue, *(rule.queue for rule in policy.rules)}
    return [(name, name.replace("-", " ").capitalize()) for name in sorted(names) if name]
