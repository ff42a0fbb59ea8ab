"""Is it more than usual? Online, one count at a time, against season, trend and how unusual the series' days are.

Posts are counted together over five minutes, a quarter of an hour, an hour and three hours, so that a burst is told at
once and a slow wave too. How unusual a count is: how far its square root, whose spread hardly depends on its size, lies above
the square root of what is usual (``season``). What a series does every few days is no news: its bar is the second most unusual
day of its last fourteen. That asks for about one alarm a week of any series, be it wild or calm; no label set it.

Four more rules: chance alone cannot do it (four standard deviations of a Poisson count), it is twice the usual, it is ten posts, and a
series is told once a day unless it becomes twice as unusual.
"""

import math
from collections import deque

from msgspec import Struct

from townhall.analytics.logic.season import Season

RAISE_AT = 1.0
"""The score from which a surge is told: as unusual as the bar."""
TIMES = 2.0
LEAST = 10
_WINDOWS = (5, 15, 60, 180)
_DAYS = 14
_WISHED_DAYS = 7
_CHANCE = 2.0
_YOUNG_CHANCE = 3.0
_SHOCK = 2.0
_STRONGER = 2.0
_HOUR = 3_600


class Reading(Struct, frozen=True):
    """One slot, by the window that stands out most: ``posts`` in ``minutes`` where ``usual`` are. ``score`` is 1 at the bar;
    ``news`` says that it is to be told now."""

    score: float
    news: bool
    posts: float
    usual: float
    minutes: int

    @property
    def times(self) -> float:
        """How many times what was expected; where less than one post was, the posts."""
        return self.posts / max(self.usual, 1.0)

    def reason(self) -> str:
        """In words: "expected" is what the hours and days before lead to; "usual" is said of eight weeks alone."""
        if self.usual < 1:
            return "hardly any were expected"
        return f"{self.times:.1f} times as many as expected"


class _Window:
    """Counts and usual counts of the last ``slots`` slots together, and the most unusual moment of each day."""

    def __init__(self, slots: int, minutes: int) -> None:
        self.slots, self.minutes = slots, minutes
        self.posts = self.usual = self.surprise = 0.0
        self.bar: float | None = None
        self._most = self._first_hour = 0.0
        self._days: deque[float] = deque(maxlen=_DAYS)

    def slide(self, count: float, usual: float, gone: tuple[float, float]) -> None:
        """One slot enters, one leaves."""
        self.posts += count - gone[0]
        self.usual = max(0.0, self.usual + usual - gone[1])
        self.surprise = math.sqrt(max(0.0, self.posts)) - math.sqrt(self.usual)
        self._most = max(self._most, self.surprise)

    def score(self) -> float:
        """The surprise against the bar; 0 where it is chance, a trifle or next to usual."""
        if self.posts < LEAST or self.posts < TIMES * self.usual:
            return 0.0
        return max(0.0, self.surprise / self._least())

    def listen(self) -> None:
        """In the first hour: what it holds is the bar of the first day, doubled."""
        self._first_hour = self._most

    def _least(self) -> float:
        if self.bar is None:
            return max(_YOUNG_CHANCE, _SHOCK * self._first_hour)
        return max(self.bar, _CHANCE)

    def close_day(self) -> None:
        """The day's most unusual moment is remembered, but none as more than a shock above the bar: what happens once
        must not silence a fortnight."""
        self._days.append(min(self._most, _SHOCK * self._least()))
        self._most = 0.0
        rank = max(1, round(len(self._days) / _WISHED_DAYS))
        self.bar = sorted(self._days)[-rank]

    def forget_day(self) -> None:
        """It held no post at all."""
        self._most = 0.0


class Surge:
    """A series of counts in slots of ``slot`` seconds, of which the first is number ``first`` since some midnight. ``season_days`` are as
    many days as small counts are known of. ``step`` costs microseconds; a series needs some hundred numbers."""

    def __init__(self, slot: int = 300, first: int = 0, season_days: int = 7) -> None:
        self.slot = slot
        self._season = Season(slot, first, season_days)
        sizes = {max(1, minutes * 60 // slot): max(minutes, slot // 60) for minutes in reversed(_WINDOWS)}
        self._windows = [_Window(slots, minutes) for slots, minutes in sorted(sizes.items())]
        self._ring = [(0.0, 0.0)] * self._windows[-1].slots
        self._silent = max(1, _HOUR // slot)
        self._steps = 0
        self._told, self._strength = -self._season.day, 0.0
        self._posts_today = 0.0

    def step(self, count: float) -> Reading:
        """Takes the next slot's count (0 or more) and says how unusual it is."""
        count = max(0.0, count)
        usual = self._season.usual(count)
        for window in self._windows:
            window.slide(count, usual, self._ring[(self._steps - window.slots) % len(self._ring)])
        self._ring[self._steps % len(self._ring)] = (count, usual)
        reading = self._read()
        self._steps += 1
        self._posts_today += count
        if self._season.at_midnight:
            self._close_day()
        return reading

    def held(self, minutes: int) -> tuple[float, float]:
        """The posts of the window of ``minutes``, or the next longer, and how many are usual."""
        window = next(one for one in self._windows if one.minutes >= minutes)
        return window.posts, window.usual

    def times(self, minutes: int) -> float:
        """How many times the usual the window of ``minutes`` holds now."""
        posts, usual = self.held(minutes)
        return posts / max(usual, 1.0)

    def _read(self) -> Reading:
        score, window = 0.0, self._windows[0]
        for one in self._windows:
            if self._steps < self._silent:
                one.listen()
            elif (found := one.score()) > score:
                score, window = found, one
        return Reading(score, self._is_news(score), window.posts, window.usual, window.minutes)

    def _is_news(self, score: float) -> bool:
        if score < RAISE_AT:
            return False
        if self._steps - self._told >= self._season.day or score >= _STRONGER * self._strength:
            self._told, self._strength = self._steps, score
            return True
        self._strength = max(self._strength, score)
        return False

    def _close_day(self) -> None:
        for window in self._windows:
            if self._posts_today:
                window.close_day()
            else:
                window.forget_day()
        self._posts_today = 0.0
