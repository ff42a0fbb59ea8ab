"""A delivery's way from the door to the network, as data, and the decision after each try.

::

    waiting ──▶ attempting ──▶ sent
       ▲  │         │ ├──────▶ failed          the network said no, for good
       │  │         │ └──────▶ unclear ──▶ sent | waiting | doubtful
       │  │         └────────▶ waiting         certainly not taken: again later
       │  ├──▶ undone                          somebody took it back
       │  └──▶ overdue ──▶ waiting | undone    its time passed: a person gives it a new one
       │  └──▶ unclear                         after a restore, which may have forgotten a try
       └── doubtful ──▶ sent | waiting | undone   nobody can know: a person decides
"""

from typing import Literal, get_args

from msgspec import Struct

from townhall.kernel.clock import HOUR, MINUTE, SECOND, Instant

State = Literal["waiting", "attempting", "unclear", "doubtful", "overdue", "sent", "failed", "undone"]

WAYS: dict[State, frozenset[State]] = {
    "waiting": frozenset({"attempting", "overdue", "undone", "failed", "unclear"}),
    "attempting": frozenset({"sent", "failed", "unclear", "waiting"}),
    "unclear": frozenset({"sent", "waiting", "doubtful", "unclear"}),
    "doubtful": frozenset({"sent", "waiting", "undone"}),
    "overdue": frozenset({"waiting", "undone", "unclear"}),
    "failed": frozenset({"waiting", "undone"}),
    "sent": frozenset(),
    "undone": frozenset(),
}
assert set(WAYS) == set(get_args(State)) and all(to in WAYS for ways in WAYS.values() for to in ways)

HOLD_WINDOW: Instant = 10 * SECOND
"""How long a released text waits before it goes, so that its author can take it back."""
GO_WITHIN: Instant = 15 * MINUTE
"""A text that has not gone by then needs a new time: an answer that is late by itself may be wrong by now."""
NEVER: Instant = 1 << 52
"""An instant beyond every other (the year 2112)."""
HOLD_LIFE: Instant = 24 * HOUR
"""A held text that nobody decided about by then goes back to its author."""


class Patience(Struct, frozen=True):
    """How long to wait for what, in microseconds. ``lease`` must exceed ``call``, or a slow worker's try could be
    taken over while it still runs. ``settle`` is how long an unclear try rests before the channel is read back: the
    network may still be busy taking it. ``looks`` bounds readings that fail before a person is asked."""

    call: Instant = 30 * SECOND
    lease: Instant = 60 * SECOND
    settle: Instant = 5 * SECOND
    first_pause: Instant = 2 * SECOND
    longest_pause: Instant = 5 * MINUTE
    looks: int = 40


class Trial(Struct, frozen=True):
    """What a try or a look met. ``taken`` None: nobody knows. ``retry_at`` (instant) when the network asked for a pause."""

    taken: bool | None
    permanent: bool = False
    retry_at: Instant = 0


class Next(Struct, frozen=True):
    """Where the delivery stands after a try, when to touch it again, and why."""

    state: State
    at: Instant


def after_try(trial: Trial, attempts: int, now: Instant, patience: Patience) -> Next:
    """After a call to send. An unclear one rests, and then the channel is read back."""
    if trial.taken:
        return Next("sent", now)
    if trial.taken is None:
        return Next("unclear", now + patience.settle)
    if trial.permanent:
        return Next("failed", now)
    return Next("waiting", max(trial.retry_at, now + pause(attempts, patience)))


def after_look(found: Trial, looks: int, can_prove_absence: bool, now: Instant, patience: Patience) -> Next:
    """After reading the channel back: sent when there; again only where "not there" is certain; else another look.

    ``permanent``: the channel says that no look will ever tell. Then, or when looking went on for too long, a person.
    """
    if found.taken:
        return Next("sent", now)
    if found.taken is False:
        return Next("waiting" if can_prove_absence else "doubtful", now)
    if found.permanent or looks >= patience.looks:
        return Next("doubtful", now)
    return Next("unclear", max(found.retry_at, now + pause(looks, patience)))


def pause(tries: int, patience: Patience) -> Instant:
    """Doubles with each try, up to the longest. Order within a thread needs no chance in it."""
    return min(patience.longest_pause, patience.first_pause << min(max(tries - 1, 0), 30))
