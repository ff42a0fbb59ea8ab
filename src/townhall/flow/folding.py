"""One case's promises from its steps: answers and measured metrics, under the terms of each moment. Pure but for its book."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from townhall.flow.history import OUTAGE, Step
from townhall.flow.promised import Ask, CaseTerms
from townhall.kernel.clock import Instant
from townhall.routing.logic import (
    ClockState,
    Promise,
    Target,
    Unanswered,
    advance,
    begin,
    carry_over,
    retarget,
)
from townhall.routing.logic.clock import adopt
from townhall.routing.logic.meter import Measure, Meter, reckoned, step

Told = Callable[[Ask, Instant], CaseTerms]
"""What is promised to who asks so, then."""
Hours = Callable[[str], str]
"""The calendar of a queue, "" for none of its own."""


class Made(Struct, frozen=True):
    """A promise with the terms under which it was made. ``strict`` and ``outage`` are its deadlines were no outage counted, and
    were every one (0: as it is)."""

    promise: Promise
    target: Instant
    terms: CaseTerms
    strict: Instant = 0
    outage: Instant = 0


class _Now(Struct):
    """What holds at the step in hand."""

    ask: Ask | None = None
    terms: CaseTerms | None = None
    priority: int = 3
    queue: str = ""


_Course = list[tuple[Step, CaseTerms]]


def fold_case(
    steps: Sequence[Step], told: Told, honoured: Told, hours: Hours, until: Instant = 0
) -> list[Made]:
    """Every promise of a case, in order of start. ``honoured`` tells what is promised if every outage counts."""
    made = _fold(steps, told, hours, until)
    if not any(s.event.cause == OUTAGE for s in steps):
        return made
    strict = _dues(_fold(_without_outages(steps), told, hours, until))
    mild = _dues(_fold(steps, honoured, hours, until))
    return [replace(m, strict=_other(m, strict), outage=_other(m, mild)) for m in made]


def stood(made: Sequence[Made], anew: Sequence[Made], moment: Instant) -> list[Made]:
    """Promises as they are, but those that had not ended at a moment as they were reckoned anew."""
    fresh = {_name(m.promise): m for m in anew}
    return [fresh.get(_name(m.promise), m) if _ended(m.promise) >= moment else m for m in made]


def _ended(promise: Promise) -> Instant:
    return promise.satisfied or promise.cancelled or 1 << 62


_Name = tuple[str, Instant, int]


def _name(promise: Promise) -> _Name:
    return promise.metric, promise.started, promise.post


def _dues(made: Sequence[Made]) -> dict[_Name, Instant]:
    return {_name(m.promise): m.promise.due for m in made}


def _other(made: Made, dues: dict[_Name, Instant]) -> Instant:
    due = dues.get(_name(made.promise), 0)
    return 0 if due == made.promise.due else due


def _without_outages(steps: Sequence[Step]) -> list[Step]:
    return [s for s in steps if not (s.event.kind in ("pause", "resume") and s.event.cause == OUTAGE)]


def _fold(steps: Sequence[Step], told: Told, hours: Hours, until: Instant) -> list[Made]:
    state, now = begin(), _Now()
    under: list[tuple[Instant, CaseTerms]] = []
    early: list[Step] = []
    course: _Course = []
    for one in steps:
        before = now.terms
        _turn(now, one, told, hours)
        if now.terms is None:
            early.append(one)
            continue
        if not course:
            course = [(first, now.terms) for first in early]
            state = _with_early(state, early, now.terms)
        course.append((one, now.terms))
        state = _respond(state, one, before, now.terms)
        if len(state.promises) > len(under):
            under.append((_budget(state, one, now.terms), now.terms))
    made = [Made(p, target, terms) for p, (target, terms) in zip(state.promises, under, strict=True)]
    metrics = sorted({metric for _, terms in course for metric in terms.measures})
    made += [m for metric in metrics for m in _measured(metric, course, until)]
    return sorted(made, key=lambda m: (m.promise.started, m.promise.metric, m.promise.post))


def _with_early(state: ClockState, early: Sequence[Step], terms: CaseTerms) -> ClockState:
    """The clock after what happened before anything was asked: a pause that held then holds on."""
    for one in early:
        state = _respond(state, one, None, terms)
    return state


def _turn(now: _Now, one: Step, told: Told, hours: Hours) -> None:
    """What holds from this step on."""
    if one.ask is not None:
        now.priority = one.ask.priority if now.ask is None else min(now.priority, one.ask.priority)
        now.ask = one.ask
    elif one.adopted is not None:
        now.ask = now.ask or one.adopted.ask(now.priority)
    elif one.priority >= 0:
        now.priority = one.priority
    elif one.event.kind == "queue":
        now.queue = one.event.cause
    else:
        return
    if now.ask is not None:
        asked = replace(now.ask, priority=now.priority, hours=hours(now.queue) or now.ask.hours)
        now.terms = told(asked, one.event.at)


def _respond(state: ClockState, one: Step, before: CaseTerms | None, terms: CaseTerms) -> ClockState:
    """The answers' clock after a step."""
    if one.adopted is not None:
        owed = Unanswered(one.adopted.started, one.adopted.post, one.adopted.due)
        return adopt(state, one.event.at, owed, one.adopted.metric == "next_response", terms.responses)
    if one.priority >= 0:
        return retarget(state, one.event.at, terms.responses)
    if one.event.kind == "queue":
        if before is None or before.responses.timetable is terms.responses.timetable:
            return state
        return carry_over(state, one.event.at, before.responses.timetable, terms.responses)
    return advance(state, one.event, terms.responses)


def _budget(state: ClockState, one: Step, terms: CaseTerms) -> Instant:
    if one.adopted is not None:
        return one.adopted.target
    first = state.promises[-1].metric == "first_response"
    return (terms.responses.first if first else terms.responses.next).budget


def _measured(metric: str, course: _Course, until: Instant) -> list[Made]:
    """A measured metric's promises, each under the terms in which it began."""
    meter, under = Meter(), list[tuple[Instant, CaseTerms]]()
    held = _nothing(metric, course[0][1])
    for one, terms in course:
        if one.priority >= 0 or one.adopted is not None:
            continue
        fresh = terms.measures.get(metric) or _nothing(metric, terms)
        meter = step(meter, one.event, held if meter.running() else fresh, fresh)
        if len(meter.promises) > len(under):
            held = fresh
            under.append((fresh.target.budget, terms))
    meter = reckoned(meter, held, until)
    return [Made(p, target, terms) for p, (target, terms) in zip(meter.promises, under, strict=True)]


def _nothing(metric: str, terms: CaseTerms) -> Measure:
    return Measure(metric, Target(0), terms.responses.timetable)
