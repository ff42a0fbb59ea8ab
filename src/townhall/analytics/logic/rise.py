"""What rises, in words and once: an account, a brand, a topic; what rises by one cause is one thing."""

from collections.abc import Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from townhall.analytics.logic.surge import Reading

ALL = 0
"""Stands for all accounts of a brand together."""
_SPANS = {5: "five minutes", 15: "a quarter of an hour", 60: "an hour", 180: "three hours"}
_CROSS_WORTH = 30
"""Percent of cross posts from which they are part of the reason."""
_CAUSE = 0.5
"""The part of a rise from which a topic is its cause."""
_SWEPT = 1.5
"""A topic that rises hardly more than everything does so many times as much."""


class Rise(Struct, frozen=True):
    """``account`` (``ALL`` for the brand) or ``topic`` rises: how many times the usual, why in words, and how many posts above
    the usual the last hour held. ``phrase`` are a topic's words as people write them, ``among`` the accounts that rise with a brand."""

    account: int
    times: float
    reason: str
    more: float
    topic: str = ""
    phrase: str = ""
    among: tuple[int, ...] = ()

    @property
    def named(self) -> tuple[str, str]:
        """The kind and the subject under which it is told."""
        return ("topic", self.topic) if self.topic else ("surge", str(self.account))


def in_words(reading: Reading, cross: int = 0, causes: Sequence[str] = ()) -> str:
    """Why it is told: how many, against what was expected, and what is common to them. ``cross`` is percent of cross posts."""
    words = [f"{reading.posts:,.0f} posts in {_SPANS[reading.minutes]}", reading.reason()]
    if cross >= _CROSS_WORTH:
        words.append(f"{cross} % of them cross")
    return ", ".join([*words, *causes])


def told_once(rises: Sequence[Rise], before: Collection[tuple[str, str]] = ()) -> list[Rise]:
    """Volumes first, then topics, the strongest first; what rises by one cause is one thing, and of that what stands already (``before``,
    by its name) stays. The brand stands for its accounts where several rise. A topic that makes most of the rise is one thing with it.
    A topic that rises no more than everything does is not told."""
    volumes = _volumes([one for one in rises if not one.topic], before)
    topics = sorted((one for one in rises if one.topic), key=lambda one: (-one.times, one.topic))
    if not volumes:
        return topics
    whole = volumes[0]
    causes = [one for one in topics if one.more >= _CAUSE * whole.more]
    others = [one for one in topics if one not in causes and one.times > _SWEPT * whole.times]
    if not causes:
        return [*volumes, *others]
    cause = max(causes, key=lambda one: (one.more, one.topic))
    if cause.named in before and whole.named not in before:
        return [_with_all(cause, whole), *others]
    part = min(100, round(100 * cause.more / max(1.0, whole.more)))
    words = f"{whole.reason}; “{cause.phrase}” makes {part} % of the rise"
    return [replace(whole, reason=words), *volumes[1:], *others]


def _volumes(rises: Sequence[Rise], before: Collection[tuple[str, str]]) -> list[Rise]:
    """One of them, where the brand rises: the brand, or the account that rises alone or was told before. Else each account."""
    accounts = sorted((one for one in rises if one.account != ALL), key=lambda one: (-one.times, one.account))
    brand = next((one for one in rises if one.account == ALL), None)
    if brand is None:
        return accounts
    all_of_them = replace(brand, among=tuple(one.account for one in accounts))
    if brand.named in before or not accounts:
        return [all_of_them]
    if len(accounts) == 1:
        return accounts
    for one in accounts:
        if one.named in before and one.more >= _CAUSE * brand.more:
            return [_with_all(one, brand)]
    return [all_of_them]


def _with_all(one: Rise, whole: Rise) -> Rise:
    return replace(
        one, reason=f"{one.reason}; with it posts as a whole are {whole.times:.1f} times what was expected"
    )
