"""From readings to an incident: it begins when it is told, goes on while the count is that unusual, and ends when it is
usual again."""

from collections.abc import Mapping

from msgspec import Struct

from townhall.analytics.logic.surge import RAISE_AT, Reading, Surge

OVER = 1.5
"""Under so many times the usual it is over."""
_OVER_MINUTES = 15
"""At the least; where it took longer to tell, as long."""
_STANDS_MINUTES = 60
"""It is over, too, when it was not that unusual for so long."""


class Incident(Struct, frozen=True):
    """``last`` is the slot that last was that unusual, as ``reading`` says; ``over`` the minutes that have to be usual again."""

    last: int
    over: int
    reading: Reading


def carry(held: Incident | None, slot: int, reading: Reading, surge: Surge) -> Incident | None:
    """The incident after one more slot; ``surge`` has just taken it."""
    if reading.news:
        return Incident(slot, max(reading.minutes, _OVER_MINUTES), reading)
    if held is None or surge.times(held.over) < OVER:
        return None
    if reading.score >= RAISE_AT:
        return Incident(slot, held.over, reading)
    return held if (slot - held.last) * surge.slot < _STANDS_MINUTES * 60 else None


def replay(counts: Mapping[int, int], first: int, now: int, surge: Surge) -> Incident | None:
    """What stands after the slots from ``first`` to before ``now``, and the slot ``now`` as far as it has come: that may
    begin or strengthen an incident, and end none."""
    held = None
    for slot in range(first, now):
        held = carry(held, slot, surge.step(counts.get(slot, 0)), surge)
    young = surge.step(counts.get(now, 0))
    if young.news or (held and young.score >= RAISE_AT):
        return carry(held, now, young, surge) or held
    return held
