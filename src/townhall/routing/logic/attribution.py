"""Why a promise was missed: the working time from its start to its end, split by what the case waited for.

At every instant exactly one cause holds, the first of ``CAUSES`` that fits; so the parts add up to the whole, to the
microsecond. A missed promise as such is put down to the cause that took most of its time (the earlier in the list, if
two took as much).
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.routing.logic.promise import ClockEvent, Reckoner

CAUSES = ("arrival", "outage", "third_party", "customer", "approval", "sending", "assigned", "queue")
"""In order of precedence: it had not reached us; the network was down; somebody outside was asked; the customer was; an answer
waited for approval; it was approved and on its way; somebody held the case; nobody did."""

WORDS = {
    "arrival": "had not reached us yet",
    "outage": "outage of the network",
    "third_party": "waiting for somebody outside",
    "customer": "put aside for the customer",
    "approval": "waiting for approval",
    "sending": "on its way out",
    "assigned": "assigned, no answer handed in",
    "queue": "waiting in the queue, held by nobody",
}


class Story(Struct, frozen=True):
    """A promise and what happened around it. ``received`` is when its message reached us; ``ended`` when it was answered, given
    up, or now."""

    started: Instant
    ended: Instant
    received: Instant
    events: tuple[ClockEvent, ...]


class Split(Struct, frozen=True):
    """Causes of many missed promises: working time (microseconds) and promises by cause, and both in tenths of a percent.

    The tenths add up to 1,000 exactly (largest remainders), or are all 0 where there is nothing to split.
    """

    time: dict[str, Instant]
    promises: dict[str, int]
    time_share: dict[str, int]
    promise_share: dict[str, int]


def attribute(story: Story, timetable: Reckoner) -> dict[str, Instant]:
    """The working time of one promise by cause. Its sum is the working time from start to end."""
    held = _Held()
    found = dict.fromkeys(CAUSES, 0)
    at = story.started
    turns = sorted(story.events, key=lambda event: event.at)
    for event in [*turns, None]:
        until = story.ended if event is None else min(max(event.at, story.started), story.ended)
        for begin, end, early in _cut(at, until, story.received):
            found["arrival" if early else held.cause()] += timetable.working_between(begin, end)
        at = max(at, until)
        if event is not None:
            held.turn(event)
    return found


def split(attributed: Iterable[Mapping[str, Instant]]) -> Split:
    """Many missed promises by cause, each as ``attribute`` gave it."""
    time, promises = dict.fromkeys(CAUSES, 0), dict.fromkeys(CAUSES, 0)
    for parts in attributed:
        for cause, spent in parts.items():
            time[cause] += spent
        promises[main_cause(parts)] += 1
    return Split(time, promises, shares(time), shares(promises))


def main_cause(parts: Mapping[str, Instant]) -> str:
    """The cause that took most; the first of ``CAUSES`` among equals."""
    return max(CAUSES, key=lambda cause: (parts[cause], -CAUSES.index(cause)))


def shares(parts: Mapping[str, int]) -> dict[str, int]:
    """Tenths of a percent that add up to 1,000, by largest remainders."""
    whole = sum(parts.values())
    if not whole:
        return dict.fromkeys(parts, 0)
    floor = {name: part * 1000 // whole for name, part in parts.items()}
    missing = 1000 - sum(floor.values())
    order = sorted(parts, key=lambda name: (-(parts[name] * 1000 % whole), list(parts).index(name)))
    return {name: floor[name] + (name in order[:missing]) for name in parts}


def _cut(begin: Instant, end: Instant, received: Instant) -> Sequence[tuple[Instant, Instant, bool]]:
    """A stretch as (from, to, whether the message was still on its way)."""
    if end <= begin:
        return ()
    if received <= begin:
        return ((begin, end, False),)
    if received >= end:
        return ((begin, end, True),)
    return ((begin, received, True), (received, end, False))


class _Held:
    """What holds between two events."""

    def __init__(self) -> None:
        self.pauses: set[str] = set()
        self.holder = ""
        self.handed_in = False

    def turn(self, event: ClockEvent) -> None:
        if event.kind == "pause":
            self.pauses.add(event.cause)
        elif event.kind == "resume":
            self.pauses = self.pauses - {event.cause} if event.cause else set()
        elif event.kind == "assign":
            self.holder = event.by
        elif event.kind in ("submit", "approve"):
            self.handed_in = True
        elif event.kind == "brand":
            self.handed_in = False
        elif event.kind == "customer":
            self.pauses.discard("customer")

    def cause(self) -> str:
        for cause in ("outage", "third_party", "customer", "approval"):
            if cause in self.pauses:
                return cause
        if self.handed_in:
            return "sending"
        return "assigned" if self.holder else "queue"
