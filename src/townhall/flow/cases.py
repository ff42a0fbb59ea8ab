"""What people do with cases: take, assign, put aside, close, reopen, move, note; merge, split and undo beside them.

Every verb gives ``Done`` with the change that ``undo`` takes back, raises ``Refused`` with the reason of a plain
"no", and ``CaseMoved`` when ``version`` is not the case's any more. Nothing here commits.
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.care import logic, notes, notices, store
from townhall.care.logic import Case
from townhall.care.notices import Telling
from townhall.flow.case_change import (
    CaseMoved,
    CaseNews,
    ClockAct,
    Done,
    Held,
    Write,
    allowed,
    hold,
    holds,
    news,
    settle,
    write,
)
from townhall.flow.case_clock import CUSTOMER, THIRD_PARTY, cancel_open, reopened
from townhall.flow.case_joins import merge, split
from townhall.flow.case_undo import undo
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.people import store as people
from townhall.people.doors import Asker, require

__all__ = [
    "CaseMoved",
    "CaseNews",
    "Done",
    "assign",
    "assign_many",
    "close",
    "merge",
    "move",
    "note",
    "prioritise",
    "reopen",
    "snooze",
    "split",
    "take",
    "undo",
    "wait",
]  # fmt: skip

LONGEST_REASON = 500
CLOSED = "closed without reply"
"""The cause of a promise that ends because its case was closed."""


def take(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    now: Instant,
    *,
    version: int | None = None,
    force: bool = False,
) -> Done:
    """The asker holds the case. Raises ``CaseMoved`` when a colleague does already, unless ``force`` takes it over."""
    held = hold(conn, asker, case_id, version=version)
    if held.case.assignee not in (0, asker.staff_id) and not force:
        raise CaseMoved("A colleague holds this case.", news(conn, held.case, held.case.version, 0))
    after = allowed(logic.assign(held.case, asker.staff_id))
    return _state_only(conn, asker, held, after, "take", "assigned", now, [holds(after)])


def assign(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    staff_id: int,
    now: Instant,
    *,
    version: int | None = None,
) -> Done:
    """Somebody holds the case, and is told so; ``staff_id`` 0 puts it back for everybody."""
    held = hold(conn, asker, case_id, version=version)
    _must_work_here(conn, asker, staff_id)
    after = allowed(logic.assign(held.case, staff_id))
    if staff_id not in (0, asker.staff_id):
        _tell_holder(conn, asker, case_id, staff_id, now)
    return _state_only(conn, asker, held, after, "assign", "assigned", now, [holds(after)])


def _must_work_here(conn: Connection[Any], asker: Asker, staff_id: int) -> None:
    if staff_id and not people.roles_at(conn, staff_id, asker.brand_id):
        raise Refused("That person has no seat at this brand, so nothing was changed.")


def _tell_holder(conn: Connection[Any], asker: Asker, case_id: int, staff_id: int, now: Instant) -> None:
    title = f"{asker.name} gave you a case"
    told = Telling(asker.brand_id, staff_id, "assigned", f"case/{case_id}", title, f"/case/{case_id}/", False)
    notices.tell(conn, told, now)


def assign_many(
    conn: Connection[Any], asker: Asker, case_ids: Sequence[int], staff_id: int, now: Instant
) -> list[Done]:
    """As ``assign`` for many, in order of id; those that are closed or assigned so already are passed over."""
    _must_work_here(conn, asker, staff_id)
    done = []
    for case_id in sorted(set(case_ids)):
        held = hold(conn, asker, case_id)
        after = logic.assign(held.case, staff_id)
        if isinstance(after, Case):
            done.append(_state_only(conn, asker, held, after, "assign", "assigned", now, [holds(after)]))
    return done


def snooze(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    until: Instant,
    now: Instant,
    *,
    version: int | None = None,
) -> Done:
    """The case is put aside until a moment, or until the customer writes. Where the policy lets that count its clock stands
    still; else it runs on and wakes the case in time."""
    held = hold(conn, asker, case_id, version=version)
    after = allowed(logic.snooze(held.case, until, now))
    events = [ClockAct(after, "pause", CUSTOMER)]
    return _state_only(conn, asker, held, after, "snooze", "snoozed", now, events)


def wait(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    now: Instant,
    *,
    version: int | None = None,
    over: bool = False,
    why: str = "",
) -> Done:
    """The case waits for somebody outside the firm, or (``over``) does so no longer. Where the policy lets that count, its
    clock stands still meanwhile. ``why`` says for whom."""
    held = hold(conn, asker, case_id, version=version)
    if not held.case.is_open():
        raise Refused("This case is closed; it waits for nobody.")
    if store.waits_outside(conn, case_id) != over:
        raise Refused(
            "It does not wait for anybody outside." if over else "It waits for somebody outside already."
        )
    act = ClockAct(held.case, "resume" if over else "pause", THIRD_PARTY)
    word = "waited" if over else "waits"
    return _state_only(
        conn, asker, held, held.case, "wait_over" if over else "wait", word, now, [act], reason(why)
    )


def prioritise(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    priority: int,
    now: Instant,
    *,
    version: int | None = None,
    why: str = "",
) -> Done:
    """The case has another priority (0 urgent to 3 low). A shorter target holds from now; nothing is rewritten."""
    held = hold(conn, asker, case_id, version=version)
    after = allowed(logic.prioritise(held.case, priority))
    act = ClockAct(after, "priority", str(priority))
    return _state_only(conn, asker, held, after, "prioritise", "prioritised", now, [act], reason(why))


def reason(why: str) -> str:
    """A reason as it is kept. Raises ``Refused`` for one that is too long."""
    if len(why) > LONGEST_REASON:
        raise Refused(f"A reason has at most {LONGEST_REASON} characters.")
    return why.strip()


def move(
    conn: Connection[Any], asker: Asker, case_id: int, queue: str, now: Instant, *, version: int | None = None
) -> Done:
    """The case waits in another queue, for anybody there."""
    held = hold(conn, asker, case_id, version=version)
    after = allowed(logic.move(held.case, queue))
    events = [ClockAct(after, "queue", queue), holds(after)]
    return _state_only(conn, asker, held, after, "move", "moved", now, events)


def close(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    now: Instant,
    *,
    version: int | None = None,
    seen_post: int = 0,
    cause: str = CLOSED,
) -> Done:
    """The case is done. An open promise ends as cancelled, with the cause."""
    held = hold(conn, asker, case_id, version=version, seen_post=seen_post)
    after = allowed(logic.close(held.case, now))
    before, ended = cancel_open(held.promises, now, cause)
    events = [ClockAct(after, "close", cause)]
    done = Write("close", "closed", [held.case], [after], before, ended, events, {"cause": cause})
    return write(conn, asker, done, now)


def reopen(
    conn: Connection[Any], asker: Asker, case_id: int, now: Instant, *, version: int | None = None
) -> Done:
    """The case is open again; what its closing left unanswered is owed again, with the working time it had left."""
    held = hold(conn, asker, case_id, version=version)
    after = allowed(logic.reopen(held.case))
    was_closed = held.case.state == "closed"
    if was_closed and store.open_case_of(conn, after.thread, after.customer):
        raise Refused("This person has a newer open case in this thread. Answer there, or merge the two.")
    made = reopened(conn, held, now) if was_closed else []
    events = [ClockAct(after, "reopen") if was_closed else ClockAct(after, "resume", CUSTOMER)]
    after = settle(replace(after), [*held.promises, *made])
    return write(conn, asker, Write("reopen", "reopened", [held.case], [after], [], made, events), now)


def note(conn: Connection[Any], asker: Asker, case_id: int, text: str, now: Instant) -> Done:
    """A note for staff beside the case; the fact says that there is one, never what it says."""
    require(asker, "note")
    case = store.case(conn, asker.brand_id, case_id)
    if not text.strip():
        raise Refused("The note is empty. Write something, then keep it.")
    note_id = notes.add(conn, case, asker.staff_id, asker.name, text.strip(), now)
    sides: list[dict[str, Any]] = [{"cases": {}}, {"cases": {}, "note": note_id}]
    change = store.keep_change(conn, case, "note", asker.actor, now, case.version, sides[0], sides[1])
    data = {"change": change, "note": note_id}
    fact = Fact(
        type="townhall.case.noted",
        subject=f"case/{case.id}",
        time=now,
        brand=case.brand,
        actor=asker.actor,
        data=data,
    )
    journal.append(conn, [fact])
    return Done(case.id, case.version, change)


def _state_only(
    conn: Connection[Any],
    asker: Asker,
    held: Held,
    after: Case,
    act: str,
    fact: str,
    now: Instant,
    events: list[ClockAct],
    why: str = "",
) -> Done:
    data = {"assignee": after.assignee, "queue": after.queue, "until": after.snoozed_until}
    told = {name: value for name, value in data.items() if value}
    changed = Write(act, fact, [held.case], [after], events=events, data=told, why=why)
    return write(conn, asker, changed, now)
