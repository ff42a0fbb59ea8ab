"""The promises of one case under people's acts, reckoned by the same decisions as the pipeline's folding."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall.calendar import ALWAYS, Timetable, parse_calendar
from townhall.care import store
from townhall.care.logic import Case
from townhall.flow.case_change import ClockAct, Held
from townhall.kernel.clock import Instant
from townhall.routing import ledger
from townhall.routing.ledger import Commitment
from townhall.routing.logic import ClockEvent, ClockState, Promise, Target, Terms, Unanswered, advance

CUSTOMER, THIRD_PARTY = "customer", "third_party"
"""Why a clock may stand still by an act of people."""


def cancel_open(
    promises: Sequence[Commitment], now: Instant, cause: str
) -> tuple[list[Commitment], list[Commitment]]:
    """The open promises as they were, and as cancelled ones."""
    running = [p for p in promises if p.is_open()]
    return running, [replace(p, cancelled=now, cause=cause, paused=0) for p in running]


def timetable(conn: Connection[Any], brand: int, calendar: str) -> Timetable:
    """Working time by the newest version of that calendar; around the clock when the brand has none of the name."""
    document = ledger.calendar_document(conn, brand, calendar)
    return Timetable(parse_calendar(document) if document else ALWAYS)


def reopened(conn: Connection[Any], held: Held, now: Instant) -> list[Commitment]:
    """The promise that a closing cut off, made again with the working time it had left."""
    cut = [p for p in held.promises if p.cancelled and p.cancelled == held.case.closed_at]
    if not cut or now < cut[0].cancelled:
        return []
    old = cut[0]
    lapsed = (Unanswered(old.started, old.post, old.due),)
    answered = old.metric == "next_response"
    state = ClockState(
        answered=answered, closed=True, closed_at=old.cancelled, last=old.cancelled, lapsed=lapsed
    )
    hours = timetable(conn, old.brand, old.calendar)
    terms = Terms(Target(old.target), Target(old.target), hours)
    running = advance(state, ClockEvent(now, "reopen"), terms).running()
    return [] if running is None else [_made(conn, old, running, now)]


def promised(
    conn: Connection[Any], model: Commitment, started: Instant, now: Instant, **changed: Any
) -> Commitment:
    """A first promise like ``model``, for something written at ``started``."""
    due = timetable(conn, model.brand, model.calendar).add_working(started, model.target)
    return replace(
        model, id=store.fresh_id(conn, now), started=started, due=due, satisfied=0, satisfied_by="", cancelled=0,
        cause="", paused=0, **changed,
    )  # fmt: skip


def adoption(case: Case, owed: Commitment) -> ClockAct:
    """The clock event by which a case owes what another one promised."""
    return ClockAct(case, "adopt", f"case/{owed.case}", {
        "metric": owed.metric, "post": owed.post, "started": owed.started, "due": owed.due, "target": owed.target,
        "calendar": owed.calendar, "policy": owed.policy, "brand": owed.brand,
    })  # fmt: skip


def _made(conn: Connection[Any], old: Commitment, running: Promise, now: Instant) -> Commitment:
    return replace(
        old,
        id=store.fresh_id(conn, now),
        started=running.started,
        due=running.due,
        cancelled=0,
        cause="",
        paused=0,
    )
