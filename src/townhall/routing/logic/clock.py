"""Response clocks as a fold over events, at event time, exact to the microsecond.

The rules:

* A customer's message starts a promise if none is open: the first response until the brand has answered once,
  the next response from then on. More messages while one is open never put its deadline off; one with a shorter
  target brings it forward, counted from then.
* An answer by somebody who may give it keeps the promise, at the moment of it that counts. An answer nobody waits for
  starts nothing.
* A pause whose cause counts stops the promise (one for the customer ends when they write); when the last such cause is gone the deadline moves by the working time it
  stood still. A promise already late when the pause began stays late.
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
    Pause,
    Promise,
    Reckoner,
    Target,
    Terms,
    Unanswered,
)

CUSTOMER = "customer"
"""The cause of a pause that ends when the customer writes."""

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
    latest = terms.timetable.add_working(_standing_since(state, terms) or at, budget)
    return _restart(state, tuple(replace(u, due=min(u.due, latest)) for u in state.unanswered), terms)


def carry_over(state: ClockState, at: Instant, old: Reckoner, terms: Terms) -> ClockState:
    """The state after the case went to people with other hours at ``at``: what was left, in their working time.

    A hand-over never gives more time: the customer was promised the earlier of the two deadlines.
    """
    since = _standing_since(state, terms) or at
    return _restart(state, tuple(_sooner(u, since, old, terms.timetable) for u in state.unanswered), terms)


def adopt(state: ClockState, at: Instant, owed: Unanswered, answered: bool, terms: Terms) -> ClockState:
    """The state after another case's message came to this one at ``at``, with the deadline that it had there.

    ``answered``: it was a next response there. It is owed beside what is owed here, and the earlier deadline is the
    promise's.
    """
    if state.running() is None:
        state = replace(state, answered=state.answered or answered, closed=False, lapsed=())
        made = _promise(state, (owed,), owed.at, terms)
        return replace(made, unanswered=(owed,), last=max(state.last, at))
    same = [u for u in state.unanswered if u.post == owed.post]
    owed = replace(owed, due=min(u.due for u in (owed, *same)))
    others = (u for u in state.unanswered if u.post != owed.post)
    unanswered = tuple(sorted((*others, owed), key=lambda u: u.at))
    return replace(_restart(state, unanswered, terms), last=max(state.last, at))


def _sooner(u: Unanswered, since: Instant, old: Reckoner, new: Reckoner) -> Unanswered:
    if u.due <= since:
        return u
    return replace(u, due=min(u.due, new.add_working(since, old.working_between(since, u.due))))


def _customer(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if event.post and any(u.post == event.post for u in state.unanswered):
        return state
    state = replace(_resume(state, replace(event, cause=CUSTOMER), terms), closed=False, lapsed=())
    budget = _target(state, terms).budget
    if not budget:
        return state
    due = terms.timetable.add_working(event.at, budget)
    unanswered = (*state.unanswered, Unanswered(event.at, event.post, due))
    if state.running() is None:
        return replace(_promise(state, unanswered, event.at, terms), unanswered=unanswered)
    return _restart(state, unanswered, terms)


def _answer(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if not _target(state, terms).allows(event):
        return state
    state = _end(state, event.at, terms, satisfied=event.at)
    return replace(state, answered=True, lapsed=())


def _pause(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    cause = event.cause or "paused"
    if state.closed or any(cause == pause.cause for pause in state.pauses):
        return state
    paused = replace(state, pauses=(*state.pauses, Pause(cause, event.at)))
    return _restart(paused, state.unanswered, terms)


def _resume(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    left = tuple(pause for pause in state.pauses if event.cause and pause.cause != event.cause)
    if left == state.pauses:
        return state
    since = _standing_since(state, terms)
    counted = _target(state, terms).stops_for
    if any(counted(pause.cause) for pause in left):  # it stands still on, and has since the first of them
        left = tuple(Pause(p.cause, min(p.since, since)) if counted(p.cause) else p for p in left)
        return _restart(replace(state, pauses=left), state.unanswered, terms)
    return _restart(replace(state, pauses=left), _moved(state, event.at, terms), terms)


def _cancel(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    return _end(state, event.at, terms, cancelled=event.at, cause=event.cause or "cancelled")


def _close(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if state.closed:
        return state
    lapsed = _moved(state, event.at, terms)
    ended = _end(state, event.at, terms, cancelled=event.at, cause=event.cause or "closed")
    return replace(ended, closed=True, closed_at=event.at, lapsed=lapsed, pauses=())


def _reopen(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if not state.closed:
        return state
    budget = _target(state, terms).budget
    unanswered = tuple(_again(u, state.closed_at, event.at, budget, terms.timetable) for u in state.lapsed)
    state = _promise(replace(state, closed=False, lapsed=()), unanswered, event.at, terms)
    return replace(state, unanswered=unanswered)


def _delete(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    if not event.post:
        return state
    running = state.running()
    lapsed = tuple(u for u in state.lapsed if u.post != event.post)
    left = tuple(u for u in state.unanswered if u.post != event.post)
    if running is None:
        return replace(state, lapsed=lapsed, unanswered=left)
    if running.post != event.post:
        return _restart(replace(state, lapsed=lapsed), left, terms)
    ended = _end(state, event.at, terms, cancelled=event.at, cause="deleted")
    return replace(_promise(ended, left, left[0].at if left else 0, terms), unanswered=left)


def _nothing(state: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    return state


_STEPS: dict[str, _Step] = {
    "customer": _customer,
    "brand": _answer,
    "submit": _answer,
    "approve": _answer,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "close": _close,
    "reopen": _reopen,
    "delete": _delete,
    "assign": _nothing,
    "queue": _nothing,
    "answer": _nothing,
    "note": _nothing,
}


def _target(state: ClockState, terms: Terms) -> Target:
    """What is owed now: a first response until there has been one."""
    return terms.next if state.answered else terms.first


def _standing(state: ClockState, terms: Terms) -> tuple[Pause, ...]:
    """The pauses that count for what is owed now."""
    return tuple(pause for pause in state.pauses if _target(state, terms).stops_for(pause.cause))


def _standing_since(state: ClockState, terms: Terms) -> Instant:
    """Since when the promise stands still, 0 while it runs."""
    return min((pause.since for pause in _standing(state, terms)), default=0)


def _promise(
    state: ClockState, unanswered: tuple[Unanswered, ...], started: Instant, terms: Terms
) -> ClockState:
    """The state with a promise for the first of the messages, unless one is open or there is no message."""
    if not unanswered or state.running() is not None:
        return state
    metric: Metric = "next_response" if state.answered else "first_response"
    made = Promise(metric, started, min(u.due for u in unanswered), post=unanswered[0].post)
    return replace(state, promises=(*state.promises, _paused(made, state, terms)))


def _paused(promise: Promise, state: ClockState, terms: Terms) -> Promise:
    """The promise brought into line with the pauses that hold."""
    standing = _standing(state, terms)
    since = max(_standing_since(state, terms), promise.started) if standing else 0
    return replace(promise, paused=since, cause=", ".join(pause.cause for pause in standing))


def _restart(state: ClockState, unanswered: tuple[Unanswered, ...], terms: Terms) -> ClockState:
    """The state with these deadlines, and the open promise brought into line with them and with the pauses."""
    running = state.running()
    if running is None:
        return replace(state, unanswered=unanswered)
    now = _paused(replace(running, due=min(u.due for u in unanswered)), state, terms)
    return replace(state, unanswered=unanswered, promises=(*state.promises[:-1], now))


def _end(
    state: ClockState,
    at: Instant,
    terms: Terms,
    *,
    satisfied: Instant = 0,
    cancelled: Instant = 0,
    cause: str = "",
) -> ClockState:
    """The state with the open promise ended, its deadline reckoned as if the pause ended now too."""
    running = state.running()
    if running is None:
        return replace(state, unanswered=())
    due = min(u.due for u in _moved(state, at, terms))
    ended = replace(running, due=due, satisfied=satisfied, cancelled=cancelled, paused=0, cause=cause)
    return replace(state, unanswered=(), promises=(*state.promises[:-1], ended))


def _moved(state: ClockState, at: Instant, terms: Terms) -> tuple[Unanswered, ...]:
    """The unanswered messages with their deadlines moved by a pause that ends at ``at``."""
    since = _standing_since(state, terms)
    if not since:
        return state.unanswered
    return tuple(
        _kept(u, max(since, u.at), at, terms.timetable) if u.due > max(since, u.at) else u
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
