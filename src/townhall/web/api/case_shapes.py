"""The shapes of cases: a line of the list, and the whole of one with its promises, person, notes and history."""

from typing import Literal

from townhall.web.api.values import Id, MaybeId, MaybeTime, Page, Shape, Time


class Clock(Shape):
    """A promise: its state, when it falls due, and whole minutes left (or over, when missed)."""

    state: Literal["running", "soon", "missed", "paused", "approval", "met", "none"]
    metric: str
    due_at: MaybeTime
    minutes: int
    waits_for: str
    since: MaybeTime
    met_at: MaybeTime


class Holder(Shape):
    """Who holds a case."""

    staff_id: int
    name: str


class CaseLine(Shape):
    """A case as a list shows it. ``version`` goes back with an act, which is refused when somebody was first."""

    case_id: Id
    version: int
    group: Literal["missed", "soon", "later", "waiting", "snoozed", "closed"]
    clock: Clock
    state: str
    thread_id: Id
    channel: str
    account_id: int
    account_handle: str
    person_id: Id
    person_name: str
    person_handle: str
    reason: str
    snippet: str
    language: str
    priority: int
    queue: str
    posts: int
    opened_at: Time
    last_in_at: Time
    holder: Holder | None
    visibility: str


class CasePage(Page[CaseLine]):
    """A page of cases, what is due first comes first."""


class CaseFacts(Shape):
    """The case itself."""

    id: Id
    version: int
    state: str
    queue: str
    priority: int
    reason: str
    language: str
    opened_at: Time
    last_in_at: Time
    last_out_at: MaybeTime
    snoozed_until: MaybeTime
    closed_at: MaybeTime
    merged_into: MaybeId
    latest_post: Id
    waits_outside: bool


class Promise(Shape):
    """One line of the promise ledger. ``target`` is the budget of working time, microseconds."""

    id: Id
    metric: str
    clock: Clock
    started_at: Time
    due_at: Time
    target: int
    calendar: str
    satisfied_at: MaybeTime
    satisfied_by: str
    cancelled_at: MaybeTime
    cause: str


class Identity(Shape):
    """One account of the person on a network; ``evidence`` says why it is thought to be theirs."""

    id: Id
    network: str
    handle: str
    name: str
    first_seen: Time
    evidence: str


class Person(Shape):
    """The customer of a case."""

    id: Id
    name: str
    handle: str
    identities: list[Identity]


class Note(Shape):
    """A note for staff."""

    id: Id
    author: str
    written_at: Time
    text: str


class Act(Shape):
    """An act on the case; ``change_id`` is what an undo takes."""

    change_id: Id
    at: Time
    actor: str
    act: str
    before: str
    after: str
    undoable: bool
    undone_at: MaybeTime
    why: str


class CaseWhole(Shape):
    """A case with its promises, person, notes and history. ``seen_post`` goes back with a reply; ``refusals`` are why
    nothing can be sent now."""

    case: CaseFacts
    clock: Clock
    thread_id: Id
    visibility: str
    holder: Holder | None
    person: Person
    promises: list[Promise]
    notes: list[Note]
    history: list[Act]
    seen_post: Id
    refusals: list[str]
