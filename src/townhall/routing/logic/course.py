"""The courses of measured promises: what begins each, when its working time runs, what keeps it and what ends it.

| metric | begins | runs | is kept |
|---|---|---|---|
| ``periodic_update`` | with an answer, and anew with each | while the case is open | by the next answer |
| ``requester_wait`` | with the customer's message | while the customer waits for the firm | when the case is closed |
| ``agent_work`` | with the customer's message | while somebody holds the case and may work on it | when it is closed |
| ``resolution`` | with the customer's message | while the case is open | when it is closed |
| ``group_ownership`` | when a queue gets the case | while it is there | when it moves on or is closed |
| ``community_answer`` | with a member's question in a community | always | by the first answer of somebody else who may |

Besides, any of them stands still while a pause holds that the policy lets count for it. A case that is opened again
begins a new cycle: the first resolution stays as it was.
"""

from msgspec import Struct
from msgspec.structs import replace

from townhall.kernel.clock import Instant
from townhall.routing.logic.promise import ClockEvent, Metric, Target

CUSTOMER, UNASSIGNED, CLOSED = "customer", "unassigned", "closed"
MEMBER = "member/"
"""Begins the name of who asks in a community, where others may answer; a customer of a channel is none of them."""
MERGED = "merged_into/"
"""Begins the cause of a closing that solved nothing: the case went on elsewhere."""


class Situation(Struct, frozen=True):
    """How a case stands between two events. ``waiting`` are the messages nobody answered, ``asked`` all of this cycle."""

    is_open: bool = False
    waiting: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()
    asker: str = ""
    holder: str = ""
    queue: str = ""
    pauses: tuple[str, ...] = ()

    def causes(self) -> tuple[str, ...]:
        """Everything that may make a promise stand still now."""
        found = list(self.pauses)
        if self.is_open and not self.waiting and CUSTOMER not in found:
            found.append(CUSTOMER)
        if not self.holder:
            found.append(UNASSIGNED)
        return tuple(found)


def after(s: Situation, event: ClockEvent) -> Situation:
    """The situation after one more event."""
    match event.kind:
        case "customer":
            asked = (*s.asked, event.post) if s.is_open else (event.post,)
            asker = s.asker if s.is_open and s.asker else event.by
            pauses = tuple(cause for cause in s.pauses if cause != CUSTOMER)
            waiting = (*s.waiting, event.post)
            return replace(s, is_open=True, waiting=waiting, asked=asked, asker=asker, pauses=pauses)
        case "brand":
            return replace(s, waiting=())
        case "delete":
            waiting = tuple(post for post in s.waiting if post != event.post)
            return replace(s, waiting=waiting, asked=tuple(post for post in s.asked if post != event.post))
        case "pause":
            cause = event.cause or "paused"
            return s if cause in s.pauses else replace(s, pauses=(*s.pauses, cause))
        case "resume":
            return replace(s, pauses=tuple(p for p in s.pauses if event.cause and p != event.cause))
        case "assign":
            return replace(s, holder=event.by)
        case "queue":
            return replace(s, queue=event.cause)
        case "close" | "cancel":
            return replace(s, is_open=False, pauses=(), waiting=())
        case "reopen":
            return s if s.is_open or not s.asked else replace(s, is_open=True, waiting=s.asked[-1:])
        case _:
            return s


class Course(Struct, frozen=True):
    """One metric's course. ``always`` are causes that stop it whatever the policy says."""

    metric: Metric
    always: tuple[str, ...] = ()

    def stops(self, situation: Situation, target: Target) -> tuple[str, ...]:
        """The causes for which it stands still."""
        return tuple(
            cause
            for cause in situation.causes()
            if cause in self.always or (cause != UNASSIGNED and target.stops_for(cause))
        )

    def begins(self, old: Situation, new: Situation, event: ClockEvent) -> bool:
        """Whether the event begins a promise."""
        opened = new.is_open and not old.is_open
        if self.metric == "periodic_update":
            return event.kind == "brand" and new.is_open
        if self.metric == "community_answer":
            return opened and new.asker.startswith(MEMBER)
        if self.metric == "group_ownership":
            return bool(new.is_open and new.queue and (opened or old.queue != new.queue))
        return opened

    def is_kept(self, old: Situation, new: Situation, event: ClockEvent, target: Target) -> bool:
        """Whether the event keeps the running promise."""
        if self.metric == "periodic_update":
            return target.allows(event)
        if self.metric == "community_answer":
            return event.kind in ("brand", "answer") and event.by != old.asker and target.allows(event)
        done = (
            old.is_open and not new.is_open and event.kind == "close" and not event.cause.startswith(MERGED)
        )
        if self.metric == "group_ownership":
            return done or (event.kind == "queue" and old.queue != new.queue)
        return done and (not target.satisfied_by or event.by.startswith(target.satisfied_by))

    def is_dropped(self, old: Situation, new: Situation, event: ClockEvent) -> str:
        """Why the event ends the running promise unkept; "" when it does not."""
        if event.kind == "delete" and old.asked and not new.asked:
            return "deleted"
        return event.cause or CLOSED if old.is_open and not new.is_open else ""


COURSES: dict[str, Course] = {
    course.metric: course
    for course in (
        Course("periodic_update"),
        Course("requester_wait", (CUSTOMER,)),
        Course("agent_work", (CUSTOMER, UNASSIGNED, "approval", "third_party")),
        Course("resolution"),
        Course("group_ownership"),
        Course("community_answer"),
    )
}


def first_and_final(cycles: list[tuple[Instant, Instant]]) -> tuple[Instant, Instant]:
    """The first and the final resolution of a case from its cycles (begun, solved or 0), each from the very first message.

    0 for what has not come: a case that is open again has a first resolution and no final one.
    """
    if not cycles:
        return 0, 0
    begun, last = cycles[0][0], cycles[-1][1]
    first = next((solved - begun for _, solved in cycles if solved), 0)
    return first, last - begun if last else 0
