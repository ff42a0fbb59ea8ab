"""Near-copies: how many posts much like this one came lately, by others.

Handles, addresses and numbers have no say in a fingerprint: a text sent to many people, each with a link of their own,
is one text, found by its whole fingerprint. One changed by a word differs in some of the 64 bits; it is held against the newest
post that agrees in one of four parts of sixteen.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence

from townhall.kernel.clock import HOUR, Instant

WINDOW = HOUR
"""How long a post is remembered, by the time it was written."""
APART = 7
"""Bits in which near-copies may differ. Two posts of strangers do in one of 17,000 pairs of care posts."""
_LEAST_TERMS = 5
"""Shorter texts ("thank you") are alike by chance."""
_FULL = 100_000
"""Texts of a generation. There are two, so that memory stays flat."""
_MOST_AUTHORS = 200
_FEW = 16
"""Up to so many authors are counted one by one."""
_SALT, _WHOLE = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF

Seen = tuple[int, int, Instant, int, int]
"""Brand, fingerprint, when, author, number of its search terms."""


class Copies:
    """A memory of one process: it knows the posts that this process read."""

    def __init__(self) -> None:
        self._young: dict[int, _Authors] = {}
        self._old: dict[int, _Authors] = {}
        self._parts = tuple([0] * 65_536 for _ in range(4))

    def count(self, posts: Sequence[Seen]) -> list[int]:
        """For each post how many others wrote a near-copy in the hour before it."""
        one = self._one
        return [
            one((print_ ^ brand * _SALT) & _WHOLE, at, author) if terms >= _LEAST_TERMS else 0
            for brand, print_, at, author, terms in posts
        ]

    def _one(self, mark: int, at: Instant, author: int) -> int:
        known = self._young.get(mark) or self._old.get(mark)
        if known is not None:
            return _join(known, at, author)
        a, b, c, d = self._parts
        for newest, part in (
            (a, mark & 0xFFFF),
            (b, mark >> 16 & 0xFFFF),
            (c, mark >> 32 & 0xFFFF),
            (d, mark >> 48),
        ):
            other = newest[part]
            if (other ^ mark).bit_count() <= APART and other:
                near = self._young.get(other) or self._old.get(other)
                if near is not None:
                    self._young[mark] = near
                    return _join(near, at, author)
            newest[part] = mark
        self._young[mark] = _Authors(author, at)
        if len(self._young) >= _FULL:
            self._old, self._young = self._young, {}
        return 0


class _Authors(dict[int, Instant]):
    """Who wrote one of the posts that are alike, and when last. Many of them stand in order of time as well: when
    thousands send the same words, each is counted by halving, not one by one."""

    __slots__ = ("line",)

    def __init__(self, author: int, at: Instant) -> None:
        super().__init__({author: at})
        self.line: list[tuple[Instant, int]] = []

    def join(self, author: int, at: Instant) -> None:
        """Adds a post; beyond ``_MOST_AUTHORS`` the one longest ago is forgotten."""
        then = self.get(author)
        if then is not None and then >= at:
            return
        self[author] = at
        if self.line:
            if then is not None:
                del self.line[bisect_left(self.line, (then, author))]
            insort(self.line, (at, author))
        elif len(self) > _FEW:
            self.line = sorted((moment, who) for who, moment in self.items())
        if len(self) > _MOST_AUTHORS:
            del self[self.line.pop(0)[1]]

    def others(self, author: int, at: Instant) -> int:
        """How many others wrote one in the hour before."""
        if not self.line:
            return sum(0 <= at - then <= WINDOW for who, then in self.items() if who != author)
        among = bisect_left(self.line, (at + 1,)) - bisect_left(self.line, (at - WINDOW,))
        own = self.get(author)
        return among - (own is not None and 0 <= at - own <= WINDOW)


def _join(authors: _Authors, at: Instant, author: int) -> int:
    """Adds a post and tells how many others wrote one in the hour before it, at most ``_MOST_AUTHORS``."""
    authors.join(author, at)
    return authors.others(author, at)
