"""The nouns of an SLA clock: what happened, what was promised, and what is remembered between events."""

from typing import Literal, Protocol

from msgspec import Struct

from townhall.kernel.clock import Instant

EventKind = Literal[
    "customer", "brand", "pause", "resume", "cancel", "close", "reopen", "delete", "submit", "approve", "assign", "queue",
    "answer", "note",
]  # fmt: skip
Metric = Literal[
    "first_response", "next_response", "periodic_update", "requester_wait", "agent_work", "resolution", "group_ownership",
    "community_answer",
]  # fmt: skip


class Reckoner(Protocol):
    """Working time, as ``calendar.Timetable`` reckons it."""

    def add_working(self, start: Instant, budget: Instant) -> Instant: ...

    def working_between(self, a: Instant, b: Instant) -> Instant: ...


class ClockEvent(Struct, frozen=True, gc=False):
    """Something that moves the clocks of one case, at the time it happened (never the time it was processed).

    ``customer``: the customer wrote ``post``. ``brand``: the firm answered, ``by`` whom (``staff/7``, ``ai/draft``).
    ``pause``/``resume``: with a ``cause``; several causes may hold at once and each is resumed by its own name,
    an empty cause resumes all. ``cancel``: the promise is dropped for a ``cause`` (``merged_into/12``).
    ``close``/``reopen``: the case. ``delete``: the customer took ``post`` back.
    ``submit``/``approve``: an answer was handed in for approval, or approved; ``by`` is who wrote it.
    ``assign``: the case is ``by``'s from now on (empty: nobody's). ``queue``: it waits in the queue ``cause``.
    ``answer``: a member of the community, ``by``, answered there. ``note``: colleagues said something among themselves, which
    moves no clock.
    Times in the future are clamped by the caller, who alone knows what time it is.
    """

    at: Instant
    kind: EventKind
    cause: str = ""
    by: str = ""
    post: int = 0


class Target(Struct, frozen=True, gc=False):
    """Working time (microseconds) within which to answer; 0 promises nothing.

    ``satisfied_by`` names who may keep the promise, as beginnings of ``ClockEvent.by`` (``("staff/",)``: people
    only); empty means anybody who answers for the brand. ``counts`` is the moment of an answer that keeps it: when it
    was sent, approved (or sent), or handed in (or later). ``pauses`` are the causes that stop it; None: every cause does.
    """

    budget: Instant = 0
    satisfied_by: tuple[str, ...] = ()
    counts: str = "sent"
    pauses: tuple[str, ...] | None = None

    def allows(self, event: ClockEvent) -> bool:
        """Whether this answer keeps the promise: by who it is and what moment of it."""
        return event.kind in _MOMENTS[self.counts] and (
            not self.satisfied_by or event.by.startswith(self.satisfied_by)
        )

    def stops_for(self, cause: str) -> bool:
        """Whether a pause with that cause counts."""
        return self.pauses is None or cause in self.pauses


_MOMENTS: dict[str, tuple[str, ...]] = {
    "sent": ("brand", "answer"),
    "approved": ("brand", "answer", "approve"),
    "submitted": ("brand", "answer", "approve", "submit"),
}


class Terms(Struct, frozen=True):
    """What is promised at the time of an event: both targets, and the timetable that reckons them."""

    first: Target
    next: Target
    timetable: Reckoner


class Promise(Struct, frozen=True, gc=False):
    """One answer promised to a customer. Exactly one of ``satisfied`` and ``cancelled`` ends it; 0 means not yet.

    ``started`` is the first unanswered message (``post``). ``paused`` is since when it stands still (0: it runs);
    while it does, ``due`` is the deadline as it stood when the pause began, moved when the pause ends.
    ``cause`` says why it is paused or was cancelled. Met means ``0 < satisfied <= due``. ``spent`` is the working time a
    measured promise has used (0 for responses, which are reckoned by their deadline).
    """

    metric: Metric
    started: Instant
    due: Instant
    satisfied: Instant = 0
    cancelled: Instant = 0
    paused: Instant = 0
    cause: str = ""
    post: int = 0
    spent: Instant = 0

    def is_open(self) -> bool:
        """Whether the customer still waits for it."""
        return not (self.satisfied or self.cancelled)


class Unanswered(Struct, frozen=True, gc=False):
    """A customer's message nobody answered yet, with the deadline it would have if it were the first."""

    at: Instant
    post: int
    due: Instant


class Pause(Struct, frozen=True, gc=False):
    """A cause that holds, and since when the promise has stood still for it or for one that held before it."""

    cause: str
    since: Instant


class ClockState(Struct, frozen=True):
    """What ``advance`` remembers of a case. Small, plain and serialisable: keep it beside the case.

    ``promises`` are all so far, in order of start; only the last can be open. ``unanswered`` are the messages the
    open promise stands for. ``pauses`` are the causes that hold now, whether or not they count. ``lapsed`` are
    the messages that a closing at ``closed_at`` left unanswered. ``seen`` are the events at ``last``, so that the
    same event twice is one.
    """

    promises: tuple[Promise, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    answered: bool = False
    closed: bool = False
    pauses: tuple[Pause, ...] = ()
    lapsed: tuple[Unanswered, ...] = ()
    closed_at: Instant = 0
    last: Instant = 0
    seen: tuple[ClockEvent, ...] = ()

    def running(self) -> Promise | None:
        """The open promise, if there is one."""
        return self.promises[-1] if self.promises and self.promises[-1].is_open() else None
