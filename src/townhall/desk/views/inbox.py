"""The inbox: group heads with counts, rows of two lines, a cursor."""

from typing import Literal

from msgspec import Struct

from townhall.desk.views.clocks import ClockView, Holder
from townhall.kernel.clock import Instant

GroupKey = Literal["missed", "soon", "later", "waiting", "snoozed", "closed"]


class InboxFilter(Struct, frozen=True, omit_defaults=True):
    """What the list is narrowed to. Empty parts narrow nothing.

    ``assignee`` is "mine", "unassigned", "mine_or_unassigned", "all" or a staff id in digits; ``state`` is "open"
    (what waits for us, and what waits on others), "snoozed", "waiting" or "closed"; ``text`` is looked for in the
    snippet and in the person's name and handle; ``incident`` is a number in digits.
    """

    queue: str = ""
    assignee: str = "all"
    account_id: int = 0
    channel: str = ""
    language: str = ""
    priority: int = -1
    state: str = "open"
    reason: str = ""
    text: str = ""
    incident: str = ""


class InboxRow(Struct, frozen=True):
    """One case as the list shows it. ``hits`` are spans of the snippet that the filter's text matched;
    ``incident`` is the number it is gathered under (0: none)."""

    case_id: int
    version: int
    group: GroupKey
    clock: ClockView
    state: str
    thread_id: int
    channel: str
    account_id: int
    account_handle: str
    person_id: int
    person_name: str
    person_handle: str
    reason: str
    snippet: str
    hits: tuple[tuple[int, int], ...]
    language: str
    priority: int
    queue: str
    posts: int
    opened_at: Instant
    last_in_at: Instant
    holder: Holder | None = None
    visibility: str = "public"
    incident: int = 0


class InboxGroup(Struct, frozen=True):
    """A head with its count. ``more`` says that the true count is above what is shown (it stops at 10,000)."""

    key: GroupKey
    count: int
    more: bool = False
    next_due: Instant = 0


class ChannelBehind(Struct, frozen=True):
    """A channel that does not deliver as it should, for the line above the list. ``lag_seconds`` is how far behind."""

    account_id: int
    channel: str
    handle: str
    state: str
    lag_seconds: float
    since: Instant
    message: str


class SavedFilter(Struct, frozen=True):
    """A filter kept under a name. ``shared`` ones belong to the whole brand."""

    id: int
    name: str
    filter: InboxFilter
    shared: bool = False


class InboxPage(Struct, frozen=True):
    """A page of the list. ``cursor`` asks for the next page ("" at the end).

    ``mark`` is what ``inbox.news`` compares with to count new rows without moving any. ``channels`` is 0 while no
    channel is connected (the empty-new state); ``last_done_at`` and ``next_due`` word the empty-done state.
    """

    groups: tuple[InboxGroup, ...]
    rows: tuple[InboxRow, ...]
    cursor: str
    mark: str
    as_of: Instant
    filter: InboxFilter
    behind: tuple[ChannelBehind, ...] = ()
    saved: tuple[SavedFilter, ...] = ()
    channels: int = 0
    last_done_at: Instant = 0
    next_due: Instant = 0
