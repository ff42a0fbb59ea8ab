"""Handing out cases and taking them back: one verb for all queues of a brand, as often as the clock ticks.

One transaction at a time hands out for a brand; a case that somebody works on at that moment is passed over and comes
with the next pass. Holder, change, assignment with its reasons and fact stand in one transaction, so that a crash gives
a case to nobody or to one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.care import handing, logic, notices
from townhall.care.handing import Handed
from townhall.care.notices import Telling
from townhall.desk import duty
from townhall.desk import handing as desk
from townhall.desk.handing import Gathered
from townhall.flow.case_change import Done, Write, allowed, hold, write
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.people import store as people
from townhall.people.doors import Asker, require
from townhall.routing import assignments, settings, staffing
from townhall.routing.assignments import Fresh
from townhall.routing.logic import Choice, Held, TakenBack, in_words, take_back

ACTOR = "program/routing"
LONGEST_REASON = 300
GIVEN = "Routing gave you a case"
MINE = "/inbox/?assignee=mine"


def brands_handing_out(conn: Connection[Any]) -> list[int]:
    """Brands with a queue that hands its cases out."""
    return settings.brands_handing_out(conn)


def hand_out(conn: Connection[Any], brand: int, now: Instant) -> list[Choice]:
    """Gives what waits to who should take it, over all queues of the brand that hand out. Gives what was given."""
    if not handing.only_one(conn, brand):
        return []
    there = desk.staffed(conn, brand, now)
    slugs = [queue.slug for queue in there.queues if queue.hands_out]
    if not slugs or not there.can_give():
        return []
    chosen = {c.case: c for c in desk.with_waiting(conn, brand, there, slugs).choices() if c.agent}
    claimed = handing.claim(conn, brand, [Handed(c.case, 0, c.agent) for c in chosen.values()])
    return _give(conn, brand, claimed, [chosen[one.case] for one in claimed], now) if claimed else []


def _give(
    conn: Connection[Any], brand: int, claimed: Sequence[Handed], chosen: Sequence[Choice], now: Instant
) -> list[Choice]:
    names = duty.names(conn, sorted({c.agent for c in chosen}))
    reasons = [in_words(choice, names) for choice in chosen]
    changes = handing.hand_over(conn, brand, claimed, ACTOR, now)
    rows = [
        Fresh(c.case, c.agent, c.queue, "given", reason, c) for c, reason in zip(chosen, reasons, strict=True)
    ]
    made = assignments.add(conn, brand, rows, ACTOR, now)
    staffing.note_assigned(conn, brand, [c.agent for c in chosen], now)
    _tell(conn, brand, chosen, now)
    facts = [
        _fact(brand, "assigned", row.case, now, change=change, assignee=row.staff, queue=row.queue,
              reason=row.reason, assignment=assignment)
        for row, change, assignment in zip(rows, changes, made, strict=True)
    ]  # fmt: skip
    journal.append(conn, facts)
    return list(chosen)


def _tell(conn: Connection[Any], brand: int, chosen: Sequence[Choice], now: Instant) -> None:
    """Each person's own is one notice until they have seen it, however many cases it grows to."""
    given = sorted(Counter(choice.agent for choice in chosen).items())
    told = [
        Telling(brand, staff, "assigned", "routing", GIVEN, MINE, False, happenings=cases)
        for staff, cases in given
    ]
    notices.tell_all(conn, told, now)


def take_back_silent(conn: Connection[Any], brand: int, now: Instant) -> list[TakenBack]:
    """Puts back into their queues the cases of people who left, are not heard of, or do not touch them."""
    if not handing.only_one(conn, brand):
        return []
    there = desk.staffed(conn, brand, now)
    held = {one.case: one for one in desk.held(conn, brand, there)}
    back = {b.case: b for b in _to_take_back(there, held.values())}
    claimed = handing.claim(conn, brand, [Handed(b.case, b.agent, 0) for b in back.values()]) if back else []
    if not claimed:
        return []
    gone = [back[one.case] for one in claimed]
    changes = handing.hand_over(conn, brand, claimed, ACTOR, now)
    rows = [Fresh(b.case, b.agent, held[b.case].queue, "returned", b.cause) for b in gone]
    assignments.add(conn, brand, rows, ACTOR, now)
    facts = [
        _fact(brand, "returned", b.case, now, change=change, holder=b.agent, cause=b.cause, since=b.since)
        for b, change in zip(gone, changes, strict=True)
    ]
    journal.append(conn, facts)
    return gone


def _to_take_back(there: Gathered, held: Iterable[Held]) -> list[TakenBack]:
    agents = {agent.id: agent for agent in there.agents}
    queues = {queue.slug: queue for queue in there.queues}
    return take_back(held, agents, queues, there.rules, there.now)


def override(
    conn: Connection[Any], asker: Asker, case_id: int, staff_id: int, reason: str, now: Instant,
    *, version: int | None = None,
) -> Done:  # fmt: skip
    """A lead decides who holds a case, whatever routing would; ``staff_id`` 0 puts it back into its queue.

    The reason is kept for ever. Raises ``Refused`` without one, for somebody without a seat, or for a closed case;
    ``CaseMoved`` when ``version`` is an old one.
    """
    require(asker, "override_routing")
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise Refused(f"Write why, in at most {LONGEST_REASON} characters: it is kept with the decision.")
    held = hold(conn, asker, case_id, "override_routing", version=version)
    if staff_id and not people.roles_at(conn, staff_id, asker.brand_id) & {"agent", "lead"}:
        raise Refused("That person does not answer for this brand, so nothing was changed.")
    after = allowed(logic.assign(held.case, staff_id))
    data = {"assignee": staff_id, "from": held.case.assignee, "reason": words}
    row = Fresh(case_id, staff_id, held.case.queue, "override", words)
    assignments.add(conn, asker.brand_id, [row], asker.actor, now)
    if staff_id:
        staffing.note_assigned(conn, asker.brand_id, [staff_id], now)
    if staff_id not in (0, asker.staff_id):
        title = f"{asker.name} gave you a case"
        told = Telling(
            asker.brand_id, staff_id, "assigned", f"case/{case_id}", title, f"/case/{case_id}/", False
        )
        notices.tell(conn, told, now)
    return write(conn, asker, Write("assign", "overridden", [held.case], [after], data=data), now)


def _fact(brand: int, what: str, case: int, now: Instant, **data: Any) -> Fact:
    return Fact(
        type=f"townhall.case.{what}", subject=f"case/{case}", time=now, brand=brand, actor=ACTOR, data=data
    )
