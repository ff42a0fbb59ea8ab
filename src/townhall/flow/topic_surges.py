"""The watch over topics: the subjects that rise at a brand, each against its own usual and what it does every few days.

It remembers only which words stand; all else is read again from the rollups each time, so that a restart changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.analytics import topics
from townhall.analytics.logic.incident import Incident, replay
from townhall.analytics.logic.rise import ALL, Rise, in_words
from townhall.analytics.logic.surge import LEAST, Surge
from townhall.analytics.topics import SLOT
from townhall.desk.live import rising_subjects
from townhall.desk.views import RisingTopic
from townhall.flow.surge_causes import common
from townhall.kernel.clock import DAY, MINUTE, Instant

_LEARN_FROM = 15 * DAY // SLOT
_KNOWN_DAYS = topics.KEPT // DAY
"""Days of which small counts are kept: what is usual is learnt from no more."""
_MOST = 12
"""Topics of a brand that are looked at at once."""


class _Topic(Struct, frozen=True):
    """One that stands, with its words and what its posts have in common."""

    phrase: str
    incident: Incident
    more: float
    causes: tuple[str, ...]


def _telling(word: RisingTopic) -> tuple[float, str]:
    """Of the words of a subject the one that rises most."""
    return word.times_usual, word.topic


class TopicSurges:
    """The watch over the topics of all brands."""

    def __init__(self) -> None:
        self._standing: dict[int, dict[str, _Topic]] = {}

    def step(self, conn: Connection[Any], brand: int, now: Instant, began: Instant) -> None:
        """Looks at what rises now and at what stands. ``began`` is when the brand's first post was written. A query for what
        rises, one for its past, and one for each topic that stands. A subject is followed by the word it was first told by."""
        standing = self._standing.get(brand, {})
        wanted = {word: one.phrase for word, one in standing.items()}
        for subject, its_words in rising_subjects(conn, brand, now):
            known = [one.topic for one in its_words if one.topic in standing]
            new = max((one for one in its_words if one.posts >= LEAST), key=_telling, default=None)
            for word in known or ([new.topic] if new else []):
                wanted[word] = subject.phrase or subject.topic
        words = dict(list(wanted.items())[:_MOST])
        self._standing[brand] = self._look(conn, brand, words, now, began) if words else {}

    def _look(
        self, conn: Connection[Any], brand: int, words: Mapping[str, str], now: Instant, began: Instant
    ) -> dict[str, _Topic]:
        last = now // SLOT
        first = max(began // SLOT, last - _LEARN_FROM)
        found = {}
        for word, counts in topics.history(conn, brand, list(words), first, last + 1).items():
            surge = Surge(SLOT // 1_000_000, first, _KNOWN_DAYS)
            incident = replay(counts, first, last, surge)
            if incident is not None:
                posts, usual = surge.held(60)
                since = now - incident.reading.minutes * MINUTE
                causes = common(conn, brand, since, topic=word)
                found[word] = _Topic(words[word], incident, posts - usual, causes)
        return found

    def of(self, brand: int) -> list[Rise]:
        """The topics that rise at a brand now."""
        return [
            Rise(
                ALL, one.incident.reading.times, in_words(one.incident.reading, 0, one.causes), one.more, word,
                one.phrase,
            )
            for word, one in self._standing.get(brand, {}).items()
        ]  # fmt: skip
