"""Acts on a case, as decisions: what would stand after the act, or why it cannot be done.

An act never changes a case in place: it gives the case that would stand. What differs between the two is the change,
kept with both sides, so that undoing is putting the one side back, and only while the other still stands.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from townhall.kernel.clock import DAY, MINUTE, Instant

OPEN_STATES = ("open", "snoozed", "waiting")
LONGEST_SNOOZE: Instant = 90 * DAY
WAKE_BEFORE: Instant = 15 * MINUTE
"""A snoozed case comes back this long before its promise falls due, however long it was to sleep."""


class Case(Struct, frozen=True):
    """What acts on a case can change, and whose it is. Times are instants, 0 for none; ``assignee`` 0: nobody.
    ``incident`` is the number of the one it was gathered under (0: none)."""

    id: int
    brand: int
    account: int
    thread: int
    customer: int
    version: int
    state: str
    queue: str
    priority: int
    assignee: int = 0
    metric: str = ""
    due: Instant = 0
    paused_cause: str = ""
    snoozed_until: Instant = 0
    closed_at: Instant = 0
    merged_into: int = 0
    last_out: Instant = 0
    latest_post: int = 0
    folded: bool = False
    incident: int = 0

    def is_open(self) -> bool:
        """Whether somebody still has to do something with it, now or later."""
        return self.state in OPEN_STATES


class Refusal(Struct, frozen=True):
    """Why an act cannot be done: a normal "no", in words for the person who asked."""

    reason: str


Outcome = Case | Refusal

FIXED = ("id", "brand", "account", "thread", "customer", "version", "last_out", "latest_post", "folded")
"""What no act of a person changes."""


def assign(case: Case, staff: int) -> Outcome:
    """The case with that holder; 0 puts it back for everybody."""
    if not case.is_open():
        return Refusal("This case is closed. Reopen it first, then assign it.")
    if case.assignee == staff:
        return Refusal("It is assigned so already; nothing was changed.")
    return replace(case, assignee=staff)


def snooze(case: Case, until: Instant, now: Instant) -> Outcome:
    """The case put aside until a moment. Its clock runs on, and wakes it before a promise falls due."""
    if not case.is_open():
        return Refusal("This case is closed; there is nothing to put aside.")
    if until <= now:
        return Refusal("That moment has passed. Choose a later one.")
    if until > now + LONGEST_SNOOZE:
        return Refusal("A case can be put aside for at most 90 days.")
    if case.due and case.due - WAKE_BEFORE <= now:
        return Refusal("Its answer is due within 15 minutes, so it cannot be put aside.")
    return replace(case, state="snoozed", snoozed_until=until)


def wakes_at(until: Instant, due: Instant) -> Instant:
    """When a snoozed case comes back: at its moment, or before its promise falls due."""
    return min(until, due - WAKE_BEFORE) if due else until


def close(case: Case, now: Instant) -> Outcome:
    """The case done. Who had the open promise is told by its cause."""
    if not case.is_open():
        return Refusal("This case is closed already; nothing was changed.")
    return replace(case, state="closed", closed_at=now, snoozed_until=0, metric="", due=0, paused_cause="")


def reopen(case: Case) -> Outcome:
    """The case open again, with the holder it had. A snoozed or waiting case comes back into the list."""
    if case.state == "open":
        return Refusal("This case is open already; nothing was changed.")
    if case.state == "merged":
        return Refusal("This case was merged into another. Undo the merge instead.")
    return replace(case, state="open", closed_at=0, snoozed_until=0)


def prioritise(case: Case, priority: int) -> Outcome:
    """The case with another priority, 0 (urgent) to 3 (low)."""
    if not case.is_open():
        return Refusal("This case is closed. Reopen it first, then say how urgent it is.")
    if priority not in range(4):
        return Refusal("A priority is urgent, high, normal or low.")
    if case.priority == priority:
        return Refusal("It has that priority already; nothing was changed.")
    return replace(case, priority=priority)


def move(case: Case, queue: str) -> Outcome:
    """The case in another queue, held by nobody: the people there are others."""
    if not case.is_open():
        return Refusal("This case is closed. Reopen it first, then move it.")
    if case.queue == queue:
        return Refusal("It is in that queue already; nothing was changed.")
    return replace(case, queue=queue, assignee=0)


def merge(case: Case, into: Case, now: Instant) -> Outcome:
    """The case that goes away in a merge. The other keeps the earlier deadline of the two."""
    if case.id == into.id:
        return Refusal("A case cannot be merged into itself.")
    if not case.is_open() or not into.is_open():
        return Refusal("Both cases have to be open to be merged.")
    return replace(
        case,
        state="merged",
        merged_into=into.id,
        closed_at=now,
        snoozed_until=0,
        metric="",
        due=0,
        paused_cause="",
    )


def difference(before: Case, after: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields an act changed, as they were and as they became."""
    old, new = asdict(before), asdict(after)
    changed = [name for name in new if name not in FIXED and old[name] != new[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def restore(case: Case, before: Mapping[str, Any], after: Mapping[str, Any]) -> Outcome:
    """The case with a change taken back, exactly; refused when what the change made no longer stands."""
    now = asdict(case)
    moved = sorted(name for name, value in after.items() if now[name] != value)
    if moved:
        words = ", ".join(name.replace("_", " ") for name in moved)
        return Refusal(f"Somebody changed this case since ({words}), so it was left as it is.")
    return replace(case, **dict(before))


def initials(name: str) -> str:
    """At most two letters for a name: of its first and last word."""
    words = name.split()
    letters = [word[0] for word in (words[:1] + words[1:][-1:])]
    return "".join(letters).upper() or "?"
