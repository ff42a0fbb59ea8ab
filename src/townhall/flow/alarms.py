"""Alarms: promises at risk and missed, raised once each; snoozed cases woken; people told.

A pass looks at the time since the last one. At start, and once a minute, it looks at the whole last day, so that
downtime and promises that came in late leave nothing out. An alarm is a row of its own (promise, level) and the
telling stands in the same transaction: neither can happen twice, nor one without the other. A level whose promise fell due
before anybody looked is kept as passed over, and only the miss is told. What fell due more than a day ago is not news, and raises
nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.care import notices, presence, store
from townhall.care.logic import WAKE_BEFORE
from townhall.care.notices import Telling
from townhall.desk import duty
from townhall.flow.case_clock import CUSTOMER
from townhall.flow.fold_again import fold_again
from townhall.kernel.clock import DAY, MINUTE, Instant
from townhall.kernel.fact import Fact
from townhall.routing import alarms
from townhall.routing.alarms import MISSED, SOON

AT_RISK: Instant = 15 * MINUTE
"""How long before it falls due a promise is at risk."""
ESCALATE_AFTER: Instant = 10 * MINUTE
"""How long an urgent notice may stay unacknowledged before the next person is told."""
UNANSWERED = "Nobody answered for 10 minutes: "
"""Begins the title of a passed notice, once however often it was passed on."""
OVERLAP: Instant = MINUTE
LEADS = ("lead",)

Raised = tuple[int, int, str, Instant]


def raise_alarms(conn: Connection[Any], now: Instant, since: Instant) -> int:
    """Raises what came due after ``since`` (0: within the last day), in the caller's transaction. Gives how many."""
    after = max(since - OVERLAP, now - DAY) if since else now - DAY
    facts: list[Fact] = []
    for brand in duty.brands(conn):
        missed = alarms.raise_due(conn, brand, MISSED, after, now - 1, now)
        alarms.pass_over(conn, brand, [commitment for commitment, *_ in missed], now)
        soon = alarms.raise_due(conn, brand, SOON, _soon_after(after, since, now), now + AT_RISK, now)
        planned: defaultdict[str, list[Raised]] = defaultdict(list)
        for commitment, case, queue, due, level in alarms.raise_planned(conn, brand, after, now):
            planned[level].append((commitment, case, queue, due))
        for level, raised in ((MISSED, missed), (SOON, soon), *sorted(planned.items())):
            _tell_of(conn, brand, level, raised, now)
            facts += [_fact(brand, level, one, now) for one in raised]
    journal.append(conn, facts)
    return len(facts)


def _soon_after(after: Instant, since: Instant, now: Instant) -> Instant:
    """From where promises at risk are new: from now on in a whole pass, else what the last pass could not see yet."""
    return max(after + AT_RISK, now - 1) if since else now - 1


def _fact(brand: int, level: str, raised: Raised, now: Instant) -> Fact:
    commitment, case, _, due = raised
    return Fact(
        type="townhall.alarm.raised", subject=f"commitment/{commitment}", time=now, brand=brand,
        data={"level": level, "case": case, "due": due},
    )  # fmt: skip


def _tell_of(conn: Connection[Any], brand: int, level: str, raised: Sequence[Raised], now: Instant) -> None:
    """The holder hears of their own cases; what nobody holds, or what was missed, is a lead's business by queue."""
    if not raised:
        return
    holders = duty.holders(conn, [case for _, case, _, _ in raised])
    for staff, cases in _by_holder(holders).items():
        notices.tell(conn, _to_holder(brand, staff, level, cases), now)
    queues: defaultdict[str, int] = defaultdict(int)
    for _, case, queue, _ in raised:
        if level == MISSED or case not in holders:
            queues[queue] += 1
    leads = duty.with_role(conn, brand, LEADS) if queues else []
    for queue, count in sorted(queues.items()):
        for lead in leads[:1]:
            title = f"Promises {_words(level)} in {queue}"
            kind, subject = _kind(level), f"queue/{queue}{_apart(level)}"
            telling = Telling(brand, lead, kind, subject, title, f"/inbox/?queue={queue}", True, count)
            notices.tell(conn, telling, now)


def _by_holder(holders: Mapping[int, int]) -> dict[int, list[int]]:
    cases: defaultdict[int, list[int]] = defaultdict(list)
    for case, staff in sorted(holders.items()):
        cases[staff].append(case)
    return dict(sorted(cases.items()))


def _to_holder(brand: int, staff: int, level: str, cases: list[int]) -> Telling:
    """One case by its own page, several at once as the list of what one holds."""
    words = "late" if level == MISSED else _words(level)
    kind, apart = _kind(level), _apart(level)
    if len(cases) == 1:
        title, page = f"An answer of yours is {words}", f"/case/{cases[0]}/"
        return Telling(brand, staff, kind, f"case/{cases[0]}{apart}", title, page, True)
    title = f"Answers of yours are {words}"
    return Telling(brand, staff, kind, f"mine{apart}", title, "/inbox/?assignee=mine", True, len(cases))


def _kind(level: str) -> str:
    """The kind of notice: a policy's own levels are told as what is due soon."""
    return MISSED if level == MISSED else SOON


def _apart(level: str) -> str:
    """Keeps notices of a policy's own levels apart from each other."""
    return "" if level in (MISSED, SOON) else f"@{level}"


def _words(level: str) -> str:
    if level == MISSED:
        return "missed"
    if level == SOON:
        return "due within 15 minutes"
    return f"past {level} of their time" if level.endswith("%") else f"due within {level} of working time"


def wake(conn: Connection[Any], now: Instant) -> int:
    """Brings back snoozed cases whose moment has come, or whose promise is near. Gives how many."""
    woken = store.sleepers(conn, now, WAKE_BEFORE)
    for case in woken:
        store.write(conn, replace(case, state="open", snoozed_until=0))
        store.add_clock_event(conn, case, now, "resume", CUSTOMER, "system/watch", None)
    again = fold_again(conn, [case.id for case in woken if case.folded], now)
    facts = [
        Fact(type="townhall.case.woken", subject=f"case/{case.id}", time=now, brand=case.brand)
        for case in woken
    ]
    for case in woken:
        if case.assignee:
            told = Telling(
                case.brand,
                case.assignee,
                "woken",
                f"case/{case.id}",
                "A case you put aside is back",
                f"/case/{case.id}/",
                False,
            )
            notices.tell(conn, told, now)
    journal.append(conn, [*facts, *again])
    return len(woken)


_HELD = {
    "reply": "A reply",
    "hide": "Hiding a post",
    "unhide": "Showing a post",
    "report": "Reporting a post",
    "statement": "A statement",
}


def tell_approvers(conn: Connection[Any], now: Instant) -> int:
    """Tells who may approve what is held, a reply or an act about a post: never its author, nor whoever approved it
    already. Gives how many approvals were new."""
    fresh = [
        held for held in duty.held_untold(conn, now - DAY)
        if notices.first_time(conn, held.brand, held.cause, now)
    ]  # fmt: skip
    for held in fresh:
        not_they = {held.author, *held.decided}
        able = [s for s in duty.with_role(conn, held.brand, held.approvers) if s not in not_they]
        for staff in able[:2]:
            title = f"{_HELD[held.what]} waits for your approval: {held.why}"
            notices.tell(
                conn, Telling(held.brand, staff, "approval", "held", title, "/approvals/", True), now
            )
    return len(fresh)


def escalate(conn: Connection[Any], now: Instant) -> int:
    """Passes urgent notices that nobody acknowledged to the next person on duty. Gives how many."""
    late = notices.to_escalate(conn, now - ESCALATE_AFTER)
    for notice_id, telling in late:
        following = _next(duty.with_role(conn, telling.brand, LEADS), telling.staff)
        if following:
            title = passed_on(telling.title)
            passed = replace(telling, staff=following, title=title, escalated_from=notice_id)
            notices.tell(conn, passed, now)
    return len(late)


def passed_on(title: str) -> str:
    """The title of a notice that nobody answered; passing it on again does not repeat the words."""
    return (UNANSWERED + title.removeprefix(UNANSWERED))[:300]


def _next(order: Sequence[int], staff: int) -> int:
    """Who comes after somebody in the order of duty; the first, for somebody who is not in it. 0: nobody else."""
    if staff not in order:
        return order[0] if order else 0
    others = [*order[order.index(staff) + 1 :], *order[: order.index(staff)]]
    return others[0] if others else 0


def tidy(conn: Connection[Any], now: Instant) -> None:
    """What goes stale by itself: who looks at what, and sendings nobody needs any more."""
    presence.sweep(conn, now)
    notices.drop_acknowledged(conn)
