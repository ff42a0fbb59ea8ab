"""Incidents as pages show them: the list, one with its cases and its story, and what looks like one."""

from msgspec import Struct

from townhall.kernel.clock import Instant


class IncidentLine(Struct, frozen=True):
    """One of the list. ``owner`` is a name ("": nobody leads it); ``answered`` of its ``cases`` have our word after the customer's
    last, ``waiting`` are open without one."""

    number: int
    title: str
    owner_id: int
    owner: str
    next_update: Instant
    opened_at: Instant
    closed_at: Instant
    cases: int
    answered: int
    waiting: int


class IncidentCase(Struct, frozen=True):
    """One case gathered under it. ``answered``: our last word is younger than the customer's."""

    case_id: int
    channel: str
    account_handle: str
    person_name: str
    person_handle: str
    snippet: str
    state: str
    answered: bool
    holder: str
    last_in_at: Instant
    hits: tuple[tuple[int, int], ...] = ()


class StoryLine(Struct, frozen=True):
    """One act on it. ``cases`` it gathered or let go; ``before`` and ``after`` what else it changed, in words."""

    change_id: int
    at: Instant
    actor: str
    act: str
    before: str
    after: str
    cases: int
    undoable: bool
    undone_at: Instant = 0


class IncidentView(Struct, frozen=True):
    """One incident. ``cursor`` asks for the next page of its cases ("" at the end)."""

    line: IncidentLine
    opened_by: str
    closed_by: str
    surge: str
    cases: tuple[IncidentCase, ...]
    cursor: str
    story: tuple[StoryLine, ...]
    as_of: Instant


class OpenIncident(Struct, frozen=True):
    """One that cases may be gathered under."""

    number: int
    title: str


class Alike(Struct, frozen=True):
    """Open cases that look alike: what rises (``surge`` names it, ``what`` says it), and the open incident made of it, or that has most of it (0: none)."""

    surge: str
    what: str
    cases: tuple[int, ...]
    incident: int = 0
