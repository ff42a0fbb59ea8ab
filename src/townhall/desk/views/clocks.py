"""The one clock of every page, and the person who holds a case."""

from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import MINUTE, Instant

ClockState = Literal["running", "soon", "missed", "paused", "approval", "met", "none"]

SOON: Instant = 15 * MINUTE
"""A promise is due soon from fifteen minutes before it falls due: the level the group's head names."""


class Holder(Struct, frozen=True):
    """Who holds a case. ``initials`` are at most two letters."""

    staff_id: int
    name: str
    initials: str


class ClockView(Struct, frozen=True):
    """A promise as shape, text and place.

    ``due_at`` is the moment it falls due by the wall clock (0 when there is none). ``minutes`` are whole minutes left,
    or over when missed. ``share_left`` is the share of *working* time left, 0 to 1, for the ring. ``waits_for`` names
    who is waited for (paused: the cause; approval: "approver") and ``since`` from when.
    """

    state: ClockState
    due_at: Instant = 0
    metric: str = ""
    minutes: int = 0
    share_left: float = 0.0
    waits_for: str = ""
    since: Instant = 0
    met_at: Instant = 0
