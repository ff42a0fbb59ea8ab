"""Is it more than usual? Online, one count at a time, against the time of day, the last days and past surprises.

What is expected is the median of the same half hour in the days before; a surprise is how far the square root of a count
(whose spread hardly depends on its size) lies above that of the expected one; and the score is the surprise against
the 95th percentile of the surprises of two weeks. Once a surge is told, only a stronger one is news: the bar it set
sinks by half in two days. No labels and no seasons to set: the first day only learns.
"""

import math
from bisect import bisect_left, insort
from collections import deque
from statistics import median

from msgspec import Struct

_DAYS = 7
_AROUND = 3
_MEMORY_DAYS = 14
_QUANTILE = 0.95
_LEAST_SPREAD = 0.2
_SINKS_IN_DAYS = 2.0
RAISE_AT = 6.0
"""The score from which a surge is told: six times what is surprising once in twenty slots."""


class Reading(Struct, frozen=True):
    """One slot. ``score`` is 0 where nothing is new; ``usual`` is the count expected; ``times`` how many times that."""

    score: float
    usual: float
    times: float

    def reason(self) -> str:
        """In words."""
        return f"{self.times:.1f} times the usual for this hour"


class Surge:
    """A series of counts in slots of ``slot`` seconds. ``step`` costs microseconds and needs two weeks of numbers."""

    def __init__(self, slot: int = 300) -> None:
        self._day = max(1, 86_400 // slot)
        self._roots: deque[float] = deque(maxlen=self._day * _DAYS + _AROUND + 1)
        self._recent: deque[float] = deque(maxlen=self._day * _MEMORY_DAYS)
        self._sorted: list[float] = []
        self._bar = 0.0
        self._sinks = 0.5 ** (1 / (_SINKS_IN_DAYS * self._day))

    def step(self, count: float) -> Reading:
        """Takes the next slot's count (0 or more) and says how surprising it is."""
        root = math.sqrt(max(0.0, count))
        usual = self._usual(root)
        surprise = root - usual
        score = max(0.0, surprise / self._spread()) if len(self._sorted) >= self._day else 0.0
        self._remember(root, surprise)
        expected = usual * usual
        return Reading(self._news(score), expected, count / expected if expected >= 1 else float(count))

    def _usual(self, root: float) -> float:
        alike: list[float] = []
        size = len(self._roots)
        for day in range(1, _DAYS + 1):
            place = size - day * self._day
            if place - _AROUND < 0:
                break
            alike += [self._roots[place + n] for n in range(-_AROUND, _AROUND + 1) if place + n < size]
        if alike:
            return median(alike)
        return median(self._roots) if self._roots else root

    def _spread(self) -> float:
        return max(_LEAST_SPREAD, self._sorted[int(_QUANTILE * (len(self._sorted) - 1))])

    def _remember(self, root: float, surprise: float) -> None:
        if len(self._recent) == self._recent.maxlen:
            del self._sorted[bisect_left(self._sorted, self._recent[0])]
        self._recent.append(surprise)
        insort(self._sorted, surprise)
        self._roots.append(root)

    def _news(self, score: float) -> float:
        self._bar *= self._sinks
        if score <= self._bar:
            return 0.0
        self._bar = score
        return score
