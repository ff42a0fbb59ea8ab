"""Response clocks as a fold over events, at event time, exact to the microsecond.

The rules:

* A customer's message starts a promise if none is open: the first response until the brand has answered once,
  the next response from then on. More messages while one is open do not move its deadline.
* An answer by somebody who may give it keeps the promise. An answer nobody waits for starts nothing.
* A pause stops the promise; when the last cause is gone the deadline moves by the working time it stood still.
  A promise already late when the pause began stays late.
* Closing a case ends an open promise as cancelled, for the reason given. Reopening it by hand puts what was
  still unanswered back with the working time it had left (the whole budget if it was late already: that miss is
  counted in the first promise). A customer who writes to a closed case reopens it.
* A message taken back before the answer no longer counts: the promise passes to the next unanswered message,
  with the deadline that one would have had.
* The same event twice is one.

Targets are those of the event's time, so a policy changed later never rewrites what was promised.
"""

from collections.abc import Callable, Sequence
from functools import reduce

from msgspec.structs import replace

from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.routing.logic.promise import (
    ClockEvent,
    ClockState,
    Metric,
    Promise,
    Reckoner,
    Target,
    Terms,
    Unanswered,
)

_Step = Callable[[ClockState, ClockEvent, Terms], ClockState]


def begin() -> ClockState:
    """The clock of a case in which nothing has happened yet."""
    return ClockState()


def fold(events: Sequence[ClockEvent], first: Target, next: Target, timetable: Reckoner) -> list[Promise]:
    """Every promise these events made, in order of start. Events of the same instant keep the order given.

    Raises ``Refused`` when the timetable has no working time for a promise.
    """
    terms = Terms(first, next, timetable)
    ordered = sorted(events, key=lambda event: event.at)
    return list(reduce(lambda state, event: advance(state, event, terms), ordered, begin()).promises)


def advance(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    """The state after one more event, under the terms that hold at its time.

    Raises ``Refused`` for an event older than the last one: such a case is folded again from its events.
    """
    if event.at < state.last:
        raise Refused("this event is older than the clock's last one; fold the case's events again")
    if event.at == state.last and event in state.seen:
        return state
    seen = (*state.seen, event) if event.at == state.last else (event,)
    return replace(_STEPS[event.kind](state, event, terms), last=event.at, seen=seen)


def retarget(state: ClockState, at: Instant, terms: Terms) -> ClockState:
    """The state after the targets changed at ``at``: a shorter target shortens from now, a longer one moves nothing."""
    budget = _target(state, terms).budget
    if not state.unanswered or not budget:
        return state
    latest = terms.timetable.add_working(state.paused_at if state.pauses else at, budget)
    return _restart(state, tuple(replace(u, due=min(u.due, latest)) for u in state.unanswered))


def _customer(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if event.post and any(u.post == event.post for u in state.unanswered):
        return state
    state = replace(state, closed=False, lapsed=())
    budget = _target(state, terms).budget
    if not budget:
        return state
    due = terms.timetable.add_working(event.at, budget)
    unanswered = (*state.unanswered, Unanswered(event.at, event.post, due))
    return replace(_promise(state, unanswered, event.at), unanswered=unanswered)


def _brand(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    allowed = _target(state, terms).satisfied_by
    if allowed and not event.by.startswith(allowed):
        return state
    state = _end(state, event.at, terms.timetable, satisfied=event.at)
    return replace(state, answered=True, lapsed=())


def _pause(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    cause = event.cause or "paused"
    if state.closed or cause in state.pauses:
        return state
    since = state.paused_at if state.pauses else event.at
    return _restart(replace(state, pauses=(*state.pauses, cause), paused_at=since), state.unanswered)


def _resume(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    left = tuple(cause for cause in state.pauses if event.cause and cause != event.cause)
    if left == state.pauses:
        return state
    unanswered = state.unanswered if left else _moved(state, event.at, terms.timetable)
    return _restart(replace(state, pauses=left, paused_at=state.paused_at if left else 0), unanswered)


def _cancel(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    return _end(state, event.at, terms.timetable, cancelled=event.at, cause=event.cause or "cancelled")


def _close(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if state.closed:
        return state
    lapsed = _moved(state, event.at, terms.timetable)
    ended = _end(state, event.at, terms.timetable, cancelled=event.at, cause=event.cause or "closed")
    return replace(ended, closed=True, closed_at=event.at, lapsed=lapsed, pauses=(), paused_at=0)


def _reopen(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if not state.closed:
        return state
    budget = _target(state, terms).budget
    unanswered = tuple(_again(u, state.closed_at, event.at, budget, terms.timetable) for u in state.lapsed)
    state = _promise(replace(state, closed=False, lapsed=()), unanswered, event.at)
    return replace(state, unanswered=unanswered)


def _delete(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if not event.post:
        return state
    running = state.running()
    lapsed = tuple(u for u in state.lapsed if u.post != event.post)
    left = tuple(u for u in state.unanswered if u.post != event.post)
    if running is None or running.post != event.post:
        return replace(state, lapsed=lapsed, unanswered=left)
    ended = _end(state, event.at, terms.timetable, cancelled=event.at, cause="deleted")
    return replace(_promise(ended, left, left[0].at if left else 0), unanswered=left)


_STEPS: dict[str, _Step] = {
    "customer": _customer,
    "brand": _brand,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "close": _close,
    "reopen": _reopen,
    "delete": _delete,
}


def _target(state: ClockState, terms: Terms) -> Target:
    """What is owed now: a first response until there has been one."""
    return terms.next if state.answered else terms.first


def _promise(state: ClockState, unanswered: tuple[Unanswered, ...], started: Instant) -> ClockState:
    """The state with a promise for the first of the messages, unless one is open or there is no message."""
    if not unanswered or state.running() is not None:
        return state
    first = unanswered[0]
    metric: Metric = "next_response" if state.answered else "first_response"
    paused = max(state.paused_at, started) if state.pauses else 0
    made = Promise(metric, started, first.due, paused=paused, cause=", ".join(state.pauses), post=first.post)
    return replace(state, promises=(*state.promises, made))


def _restart(state: ClockState, unanswered: tuple[Unanswered, ...]) -> ClockState:
    """The state with these deadlines, and the open promise brought into line with them and with the pauses."""
    running = state.running()
    if running is None:
        return replace(state, unanswered=unanswered)
    paused = max(state.paused_at, running.started) if state.pauses else 0
    now = replace(running, due=unanswered[0].due, paused=paused, cause=", ".join(state.pauses))
    return replace(state, unanswered=unanswered, promises=(*state.promises[:-1], now))


def _end(
    state: ClockState,
    at: Instant,
    timetable: Reckoner,
    *,
    satisfied: Instant = 0,
    cancelled: Instant = 0,
    cause: str = "",
) -> ClockState:
    """The state with the open promise ended, its deadline reckoned as if the pause ended now too."""
    running = state.running()
    if running is None:
        return replace(state, unanswered=())
    due = _moved(state, at, timetable)[0].due
    ended = replace(running, due=due, satisfied=satisfied, cancelled=cancelled, paused=0, cause=cause)
    return replace(state, unanswered=(), promises=(*state.promises[:-1], ended))


def _moved(state: ClockState, at: Instant, timetable: Reckoner) -> tuple[Unanswered, ...]:
    """The unanswered messages with their deadlines moved by a pause that ends at ``at``."""
    if not state.pauses:
        return state.unanswered
    return tuple(
        _kept(u, max(state.paused_at, u.at), at, timetable) if u.due > max(state.paused_at, u.at) else u
        for u in state.unanswered
    )


def _kept(u: Unanswered, since: Instant, until: Instant, timetable: Reckoner) -> Unanswered:
    """The message with the working time it had left at ``since``, counted from ``until``."""
    return replace(u, due=timetable.add_working(until, timetable.working_between(since, u.due)))


def _again(u: Unanswered, closed: Instant, at: Instant, budget: Instant, timetable: Reckoner) -> Unanswered:
    """The message after its case was opened again."""
    if u.due > closed:
        return _kept(u, closed, at, timetable)
    return replace(u, due=timetable.add_working(at, budget))
