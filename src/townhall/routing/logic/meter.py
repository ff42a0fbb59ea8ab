"""Measured promises as a fold: working time that runs in some situations and stands still in others.

Each course (``course``) says when. Here is the arithmetic they share: what is left of the budget when it stands still,
the deadline when it runs on, and the deadline that stays once the budget is gone.
"""

from collections.abc import Sequence
from functools import reduce

from msgspec import Struct
from msgspec.structs import replace

from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.routing.logic.course import COURSES, Course, Situation, after
from townhall.routing.logic.promise import ClockEvent, Promise, Reckoner, Target


class Meter(Struct, frozen=True):
    """One metric of one case between two events.

    ``left`` is the working time the open promise had at ``since``. ``causes`` are why it stands still (none: it runs).
    ``seen`` are the events at ``last``, so that the same event twice is one.
    """

    situation: Situation = Situation()
    promises: tuple[Promise, ...] = ()
    left: Instant = 0
    since: Instant = 0
    causes: tuple[str, ...] = ()
    last: Instant = 0
    seen: tuple[ClockEvent, ...] = ()

    def running(self) -> Promise | None:
        """The open promise, if there is one."""
        return self.promises[-1] if self.promises and self.promises[-1].is_open() else None


class Measure(Struct, frozen=True):
    """What is promised for a metric at the time of an event, and the timetable that reckons it."""

    metric: str
    target: Target
    timetable: Reckoner


def measure(events: Sequence[ClockEvent], terms: Measure, until: Instant = 0) -> list[Promise]:
    """Every promise of a metric that these events made, in order of start; events of an instant keep the order given.

    ``until``: the working time spent is reckoned up to there for an open promise (0: up to the last event).
    """
    ordered = sorted(events, key=lambda event: event.at)
    meter = reduce(lambda held, event: step(held, event, terms), ordered, Meter())
    return list(reckoned(meter, terms, until).promises)


def reckoned(meter: Meter, terms: Measure, until: Instant) -> Meter:
    """The meter with its open promise's spent time up to a moment."""
    if meter.running() is None or until <= meter.since or meter.causes:
        return meter
    left = meter.left - terms.timetable.working_between(meter.since, until)
    return _put(meter, replace(meter.promises[-1], spent=terms.target.budget - left))


def step(meter: Meter, event: ClockEvent, terms: Measure, fresh: Measure | None = None) -> Meter:
    """The meter after one more event; what it begins is promised by ``fresh``, where those terms are others.

    Raises ``Refused`` for an event older than the last.
    """
    if event.at < meter.last:
        raise Refused("this event is older than the clock's last one; fold the case's events again")
    if event.at == meter.last and event in meter.seen:
        return meter
    seen = (*meter.seen, event) if event.at == meter.last else (event,)
    meter = replace(meter, last=event.at, seen=seen)
    course, old = COURSES[terms.metric], meter.situation
    new = after(old, event)
    meter = replace(meter, situation=new)
    if meter.running() is not None:
        meter = _finished(meter, course, old, event, terms)
    fresh = fresh or terms
    if meter.running() is None and fresh.target.budget and course.begins(old, new, event):
        return _begun(meter, course, event, fresh)
    return _turned(meter, course.stops(new, terms.target), event.at, terms)


def _finished(meter: Meter, course: Course, old: Situation, event: ClockEvent, terms: Measure) -> Meter:
    """The meter with its promise kept or dropped, if the event does either."""
    if course.is_kept(old, meter.situation, event, terms.target):
        return _ended(meter, event.at, terms, kept=True)
    why = course.is_dropped(old, meter.situation, event)
    return _ended(meter, event.at, terms, kept=False, cause=why) if why else meter


def _begun(meter: Meter, course: Course, event: ClockEvent, terms: Measure) -> Meter:
    budget = terms.target.budget
    causes = course.stops(meter.situation, terms.target)
    made = Promise(
        course.metric, event.at, terms.timetable.add_working(event.at, budget),
        paused=event.at if causes else 0, cause=", ".join(causes), post=event.post or (*meter.situation.asked, 0)[0],
    )  # fmt: skip
    return replace(meter, promises=(*meter.promises, made), left=budget, since=event.at, causes=causes)


def _turned(meter: Meter, causes: tuple[str, ...], at: Instant, terms: Measure) -> Meter:
    """The meter run up to a moment, and standing still or running from there."""
    promise = meter.running()
    if promise is None or causes == meter.causes:
        return meter
    meter = _run_up(meter, at, terms)
    promise = replace(meter.promises[-1], cause=", ".join(causes))
    if not causes:
        due = terms.timetable.add_working(at, meter.left) if meter.left > 0 else promise.due
        promise = replace(promise, due=due, paused=0)
    elif not promise.paused:
        promise = replace(promise, paused=at)
    return _put(replace(meter, causes=causes), promise)


def _run_up(meter: Meter, at: Instant, terms: Measure) -> Meter:
    """The meter with the working time up to a moment taken off."""
    if meter.causes:
        return replace(meter, since=at)
    left = meter.left - terms.timetable.working_between(meter.since, at)
    spent = terms.target.budget - left
    return _put(replace(meter, left=left, since=at), replace(meter.promises[-1], spent=spent))


def _ended(meter: Meter, at: Instant, terms: Measure, *, kept: bool, cause: str = "") -> Meter:
    """The meter with its promise ended, the deadline reckoned as if a pause ended now too."""
    still = bool(meter.causes)
    meter = _run_up(meter, at, terms)
    promise = meter.promises[-1]
    due = terms.timetable.add_working(at, meter.left) if still and meter.left > 0 else promise.due
    end = replace(
        promise, due=due, satisfied=at if kept else 0, cancelled=0 if kept else at, paused=0, cause=cause
    )
    return replace(_put(meter, end), left=0, since=at, causes=())


def _put(meter: Meter, promise: Promise) -> Meter:
    return replace(meter, promises=(*meter.promises[:-1], promise))
