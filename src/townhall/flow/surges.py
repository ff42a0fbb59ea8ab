"""The watch over volumes: each account of a brand and all of them together, every five minutes against its own usual;
and over the topics that rise.

What it knows is in memory and learnt again from the rollups when the clock role starts. A slot is read a minute after
it is over and as soon as what was received until then is judged, for which it waits an hour at the most: a surge is when posts wait. Posts
that come later still count in the figures, not here.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from townhall.analytics.logic.incident import Incident, carry
from townhall.analytics.logic.rise import ALL, Rise, in_words
from townhall.analytics.logic.surge import LEAST, Surge
from townhall.analytics.volumes import SLOT, Slot, by_slot
from townhall.desk.status import lag
from townhall.flow.surge_causes import common
from townhall.flow.topic_surges import TopicSurges
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant

_LATE = MINUTE
_PATIENCE = HOUR
_LEARN_FROM = 22 * DAY // SLOT
"""A fortnight of days to set the bar, a week before it for what is usual, and a day that is cut."""
_AT_ONCE = DAY // SLOT

_Key = tuple[int, int]


class _Followed:
    """One series: its detector, its incident, what the posts of that have in common, and the last slots' posts and
    cross posts for the reason."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.surge = Surge(SLOT // 1_000_000, first)
        self.incident: Incident | None = None
        self.causes: tuple[str, ...] = ()
        self._cross_share = 0
        self._slots: deque[tuple[int, int]] = deque(maxlen=3 * HOUR // SLOT)

    def step(self, slot: int, posts: int, cross: int) -> None:
        """Takes one more slot."""
        self._slots.append((posts, cross))
        self.incident = carry(self.incident, slot, self.surge.step(posts), self.surge)
        if self.incident is not None and self.incident.last == slot:
            self._cross_share = self._cross(self.incident.reading.minutes)

    def rise(self, account: int) -> Rise | None:
        """What it tells, if it rises."""
        if self.incident is None:
            return None
        reading = self.incident.reading
        posts, usual = self.surge.held(60)
        words = in_words(reading, self._cross_share, self.causes)
        return Rise(account, reading.times, words, posts - usual)

    def _cross(self, minutes: int) -> int:
        """Percent of the posts of the last ``minutes`` that are cross."""
        last = list(self._slots)[-minutes * MINUTE // SLOT :]
        return round(100 * sum(cross for _, cross in last) / max(1, sum(posts for posts, _ in last)))


class Surges:
    """The watch over all brands. ``step`` as often as one likes; it reads each slot once."""

    def __init__(self) -> None:
        self._series: dict[_Key, _Followed] = {}
        self._topics = TopicSurges()
        self._next = 0

    def step(self, conn: Connection[Any], now: Instant) -> None:
        """Takes the slots that are over: a query for what waits, one for each day of slots, one for each series that rises, and
        those for topics."""
        waits = min(int(lag(conn).judging_seconds * SECOND), _PATIENCE)
        end = (now - _LATE - waits) // SLOT
        first = begin = self._next or end - _LEARN_FROM
        while first < end:
            until = min(end, first + _AT_ONCE)
            self.take(by_slot(conn, first, until), first, until)
            self._next = first = until
        if begin < end:
            self._look_closer(conn, now, end)

    def _look_closer(self, conn: Connection[Any], now: Instant, end: int) -> None:
        """What the posts of a surge have in common, and which topics rise."""
        for (brand, account), series in self._series.items():
            incident = series.incident
            if incident is not None and incident.last == end - 1:
                since = end * SLOT - incident.reading.minutes * MINUTE
                series.causes = common(conn, brand, since, account)
            if account == ALL and (series.surge.held(60)[0] >= LEAST or self._topics.of(brand)):
                self._topics.step(conn, brand, now, series.first * SLOT)

    def take(self, slots: Iterable[Slot], first: int, end: int) -> None:
        """The counts of the slots from ``first`` to before ``end``; a slot that is not named holds none."""
        counts: dict[_Key, dict[int, tuple[int, int]]] = {}
        for one in slots:
            for account in (one.account, ALL):
                held = counts.setdefault((one.brand, account), {})
                posts, cross = held.get(one.number, (0, 0))
                held[one.number] = posts + one.inbound, cross + one.negative
        for key in sorted(self._series.keys() | counts.keys()):
            self._follow(key, counts.get(key, {}), first, end)

    def _follow(self, key: _Key, counts: dict[int, tuple[int, int]], first: int, end: int) -> None:
        series = self._series.get(key)
        if series is None:
            first = min(counts)
            series = self._series.setdefault(key, _Followed(first))
        for slot in range(first, end):
            series.step(slot, *counts.get(slot, (0, 0)))

    def of(self, brand: int) -> list[Rise]:
        """What rises now at a brand: all of it, each account and each topic."""
        found = [series.rise(account) for (of, account), series in self._series.items() if of == brand]
        return [*(one for one in found if one is not None), *self._topics.of(brand)]
