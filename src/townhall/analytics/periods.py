"""The times that figures are asked for: as they come, the last hour, the last day, the last seven days."""

from typing import Literal, get_args

from msgspec import Struct

from townhall.kernel.clock import DAY, HOUR, Instant
from townhall.kernel.errors import Refused

PeriodName = Literal["", "h", "d", "w"]


class Period(Struct, frozen=True):
    """One choice. ``figures`` are those of the page, at most seven, in its order, promises first; ``length`` is that of the
    tables below them."""

    name: PeriodName
    title: str
    length: Instant
    figures: tuple[str, ...]


PERIODS: dict[str, Period] = {
    period.name: period
    for period in (
        Period("", "today", DAY, (
            "promises_today", "promises_now", "promises_week", "waiting", "first_response", "posts_hour", "held",
        )),
        Period("h", "last hour", HOUR, (
            "promises_now", "promises_today", "promises_week", "waiting", "first_response_hour", "posts_hour", "held",
        )),
        Period("d", "last day", DAY, (
            "promises_day", "promises_now", "promises_week", "waiting", "first_response", "posts_day", "held",
        )),
        Period("w", "last 7 days", 7 * DAY, (
            "promises_week", "promises_now", "promises_today", "waiting", "first_response_week", "posts_week", "held",
        )),
    )
}  # fmt: skip
"""By name; "" is how the page comes: each figure with the period it is mostly asked for."""

WORDS = {HOUR: "last hour", DAY: "last 24 hours", 7 * DAY: "last 7 days"}


def period_named(word: str) -> Period:
    """The period of that name. Raises ``Refused`` for no such one."""
    if word not in get_args(PeriodName):
        raise Refused("A period is h (last hour), d (last day) or w (last 7 days).")
    return PERIODS[word]
