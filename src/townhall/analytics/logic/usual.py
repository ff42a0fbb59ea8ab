"""What is usual, and what is above it."""

from collections.abc import Sequence
from math import sqrt

from msgspec import Struct

YOUNG_DAYS = 14
"""Before so many days of data nothing is called usual."""


def usual_range(earlier: Sequence[float]) -> tuple[float, float] | None:
    """The 10th and 90th percentile of the same hour in earlier weeks, ``None`` for fewer than two of them."""
    if len(earlier) < 2:
        return None
    ordered = sorted(earlier)
    return _percentile(ordered, 0.1), _percentile(ordered, 0.9)


def _percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class Ratio(Struct, frozen=True):
    """How many times the usual, with its 95 % interval."""

    times: float
    low: float
    high: float


def times_usual(posts: int, usual: float) -> Ratio:
    """A count against what is usual for as long a time, as a ratio.

    The interval is that of a Poisson count (Byar's approximation; Breslow and Day 1987). Half a post is added to the
    usual, so that a topic nobody had before is not infinitely many times it.
    """
    base = usual + 0.5
    low = 0.0 if posts == 0 else posts * (1 - 1 / (9 * posts) - 1.96 / (3 * sqrt(posts))) ** 3
    more = posts + 1
    high = more * (1 - 1 / (9 * more) + 1.96 / (3 * sqrt(more))) ** 3
    return Ratio(posts / base, max(low, 0.0) / base, high / base)


def rises(posts: int, ratio: Ratio) -> bool:
    """Whether a topic is above its usual by more than chance and more than a trifle."""
    return posts >= 5 and ratio.low > 1.5
