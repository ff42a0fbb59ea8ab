"""Escalations: what a rule takes to a person at once is told within seconds, to whoever holds the case or leads its queue.

The pipeline leaves them beside the posts; the watch takes them away in the transaction that tells, so that each is told
once whatever stops meanwhile. What is older than a day when it comes in, as in an import, is not news.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from psycopg import Connection

from townhall import journal
from townhall.care import escalations, notices
from townhall.care.escalations import Escalation
from townhall.care.notices import Telling
from townhall.desk import duty
from townhall.kernel.clock import Instant
from townhall.kernel.fact import Fact

FEW = 3
"""Cases of a queue that are told of one by one; more at once are one notice about the queue."""
KIND = "escalated"
LEADS, AGENTS = ("lead",), ("agent",)


def tell(conn: Connection[Any], now: Instant) -> int:
    """Tells of what waits, in the caller's transaction. Gives how many posts that were."""
    found = escalations.take(conn)
    brands: defaultdict[int, list[Escalation]] = defaultdict(list)
    for one in found:
        brands[one.brand].append(one)
    facts: list[Fact] = []
    for brand, mine in sorted(brands.items()):
        facts += _tell_of(conn, brand, mine, now)
    journal.append(conn, facts)
    return len(found)


def _tell_of(conn: Connection[Any], brand: int, found: Sequence[Escalation], now: Instant) -> list[Fact]:
    holders = duty.holders(conn, sorted({one.case for one in found}))
    first = next(iter(duty.with_role(conn, brand, LEADS) or duty.with_role(conn, brand, AGENTS)), 0)
    whom = {one.case: holders.get(one.case, first) for one in found}
    free: defaultdict[str, set[int]] = defaultdict(set)
    for one in found:
        if one.case not in holders:
            free[one.queue].add(one.case)
    apart: defaultdict[tuple[int, str], list[Escalation]] = defaultdict(list)
    for one in found:
        if staff := whom[one.case]:
            by_case = one.case in holders or len(free[one.queue]) <= FEW
            apart[staff, f"case/{one.case}" if by_case else f"queue/{one.queue}"].append(one)
    tellings = [_telling(brand, staff, place, mine) for (staff, place), mine in sorted(apart.items())]
    notices.tell_all(conn, tellings, now)
    return [
        Fact(
            type="townhall.case.escalated", subject=f"case/{one.case}", time=now, brand=brand,
            data={"post": one.post, "rule": one.rule, "told": whom[one.case]},
        )
        for one in found
    ]  # fmt: skip


def _telling(brand: int, staff: int, place: str, found: Sequence[Escalation]) -> Telling:
    """One case by its own page; several of a queue as that queue's list."""
    rules = ", ".join(sorted({one.rule for one in found}))
    title, page = f"To be taken up at once, by rule {rules}", f"/case/{found[0].case}/"
    if place.startswith("queue/"):
        title, page = (
            f"To be taken up at once in {found[0].queue}, by rule {rules}",
            f"/inbox/?{urlencode({'queue': found[0].queue})}",
        )
    return Telling(brand, staff, KIND, place, title[:300], page, True, len(found))
