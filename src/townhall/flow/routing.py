"""Handing out cases: one verb a queue, as often as the clock ticks, for queues that a brand lets hand out by itself."""

from typing import Any

from psycopg import Connection

from townhall.care import logic, store
from townhall.care.logic import Case
from townhall.desk import duty
from townhall.flow.case_change import Write, write
from townhall.kernel.clock import MINUTE, Instant
from townhall.people.doors import Asker
from townhall.routing import alarms
from townhall.routing.logic import Assignment, WaitingCase, choose_round_robin

HEARD_OF: Instant = 5 * MINUTE
"""Somebody not heard of for this long is not there, whatever they said."""
MOST = 200
"""Cases looked at in one go: the rest are less urgent and wait for the next."""


def hand_out_all(conn: Connection[Any], now: Instant) -> int:
    """Hands out the cases of every queue that does so by itself. Gives how many."""
    return sum(len(hand_out(conn, brand, queue, now)) for brand, queue in alarms.handing_out(conn))


def hand_out(conn: Connection[Any], brand: int, queue: str, now: Instant) -> list[Assignment]:
    """Gives waiting cases of a queue to who is there with room, the earliest deadline first, in turn."""
    people = alarms.agents(conn, brand, queue, now - HEARD_OF, duty.loads(conn, brand))
    if not people:
        return []
    waiting = [
        WaitingCase(id, queue, due, since) for id, due, since in duty.waiting_in(conn, brand, queue, MOST)
    ]
    return [a for a in choose_round_robin(waiting, people) if _give(conn, brand, queue, a, now)]


def _give(conn: Connection[Any], brand: int, queue: str, assignment: Assignment, now: Instant) -> bool:
    """Writes one assignment, unless somebody took the case meanwhile."""
    case = store.case(conn, brand, assignment.case, lock=True)
    after = logic.assign(case, assignment.agent)
    if case.assignee or not isinstance(after, Case):
        return False
    data = {"assignee": assignment.agent, "queue": queue, "reason": assignment.reason}
    asker = Asker(staff_id=0, name="routing", brand_id=brand, brand_slug="", roles=frozenset())
    write(conn, asker, Write("assign", "assigned", [case], [after], data=data), now)
    alarms.note_assigned(conn, brand, assignment.agent, now)
    return True
