"""The promise ledger of a case: for each promise what happened to it, in order, and where its deadline went."""

from typing import Literal

from msgspec import Struct

from townhall.desk.views.conversation import PromiseView
from townhall.kernel.clock import Instant

StepKind = Literal[
    "asked", "wrote", "paused", "resumed", "submitted", "approved", "assigned", "queued", "deleted", "warned", "unwarned",
    "missed", "answered", "ended", "moved", "reopened", "closed",
]  # fmt: skip


class Turn(Struct, frozen=True):
    """An event that may move clocks, with the deadlines right after it: (metric, start of the promise) → when it falls due."""

    at: Instant
    kind: str
    cause: str
    by: str
    post: int
    due: dict[tuple[str, Instant], Instant]


class Step(Struct, frozen=True):
    """One event of a promise. ``due`` is the deadline after it (0: as before), ``by`` whose act it was, ``cause`` why.

    ``post`` is the post that it is about, 0 for none.
    """

    at: Instant
    kind: StepKind
    by: str = ""
    cause: str = ""
    due: Instant = 0
    post: int = 0


class Pause(Struct, frozen=True):
    """How long a promise waited for a cause: wall-clock time, up to now while it still does. Whether that moved its deadline
    is up to the policy, and shows in the steps."""

    cause: str
    length: Instant
    runs: bool


class LedgerEntry(Struct, frozen=True):
    """One promise with its steps. ``asked`` is what was written, ``rule`` the rule that promised an answer to it."""

    promise: PromiseView
    steps: tuple[Step, ...]
    pauses: tuple[Pause, ...]
    asked: str
    rule: str
    policy: int


class LedgerView(Struct, frozen=True):
    """The whole ledger of a case, in order of start, as it stands at ``as_of``.

    ``first_resolved`` and ``last_resolved`` are how long after its first message it was solved the first time and for good;
    0 for what has not come, and where the policy promises no resolution.
    """

    case_id: int
    person: str
    handle: str
    entries: tuple[LedgerEntry, ...]
    as_of: Instant
    first_resolved: Instant = 0
    last_resolved: Instant = 0
