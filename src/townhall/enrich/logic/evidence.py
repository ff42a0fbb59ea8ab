"""Signs in a batch of tokens: a word of a group, or two groups close together, summed as evidence (log-odds).

A word's groups are found once, when the lexicon first meets it; a batch then costs a few operations on the words that
belong to any. Evidence of one sort counts once, however often its words come.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from townhall.enrich.logic.features import Floats, Ints
from townhall.enrich.logic.telling import ABUSE, BEFORE, GROUPS, URGENT, Tell

Bits = NDArray[np.uint64]
TELLS: tuple[tuple[str, Tell], ...] = (*(("abuse", t) for t in ABUSE), *(("urgent", t) for t in URGENT))
_BIT = {name: np.uint64(1 << place) for place, name in enumerate(GROUPS)}
_NONE = np.uint64(0)
_LAGS = 4
"""So many telling words ahead are looked at for a pair."""


def _whole() -> dict[str, int]:
    bits: dict[str, int] = {}
    for place, words in enumerate(GROUPS.values()):
        for word in words:
            bits[word] = bits.get(word, 0) | 1 << place
    return bits


_WORDS = _whole()
_STARTS = {word[:-1]: bits for word, bits in _WORDS.items() if word[-1] == "*"}
_LONGEST = max(map(len, _STARTS))


def digest() -> str:
    """SHA-256 of the words, groups and weights: what a page of figures speaks of."""
    return sha256(repr((GROUPS, TELLS, BEFORE)).encode()).hexdigest()


def groups_of(name: str) -> int:
    """The groups a word belongs to, as bits."""
    bits = _WORDS.get(name, 0)
    for end in range(3, min(len(name), _LONGEST) + 1):
        bits |= _STARTS.get(name[:end], 0)
    return bits


class Told:
    """Which tells hold in which texts of a batch."""

    def __init__(self, bits: Bits, text: Ints, texts: int) -> None:
        """``bits`` and ``text`` by token, in order."""
        place = np.flatnonzero(bits)
        self._texts = texts
        self.evidence = {head: np.zeros(texts, np.float32) for head in BEFORE}
        self._sorts: dict[int, list[tuple[str, str]]] = {}
        if place.size:
            self._judge(place, bits[place], text[place])

    def chances(self, head: str) -> Floats:
        """How likely, by text."""
        return np.asarray(1 / (1 + np.exp(-(self.evidence[head] + BEFORE[head]))), np.float32)

    def sorts(self, text: int, head: str) -> list[str]:
        """The sorts of sign found in a text."""
        return list(dict.fromkeys(sort for of, sort in self._sorts.get(text, ()) if of == head))

    def _judge(self, place: NDArray[np.intp], bits: Bits, text: Ints) -> None:
        pairs = _pairs(place, text)
        for head, tell in TELLS:
            found = _holds(tell, place, bits, pairs)
            if found.size:
                held = np.unique(text[found])
                self.evidence[head][held] += tell.weight
                for one in held.tolist():
                    self._sorts.setdefault(one, []).append((head, tell.sort))


def _pairs(place: NDArray[np.intp], text: Ints) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Telling words of one text, each with those that follow it."""
    firsts, seconds = [], []
    for lag in range(1, min(_LAGS, len(place) - 1) + 1):
        first = np.flatnonzero(text[lag:] == text[:-lag])
        firsts.append(first)
        seconds.append(first + lag)
    if not firsts:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    return np.concatenate(firsts), np.concatenate(seconds)


def _holds(
    tell: Tell, place: NDArray[np.intp], bits: Bits, pairs: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> NDArray[np.intp]:
    """The telling words at which it holds."""
    if not tell.then:
        return np.flatnonzero(bits & _BIT[tell.first])
    first, second = pairs
    near = place[second] - place[first] <= tell.reach
    both = (bits[first] & _BIT[tell.first] != _NONE) & (bits[second] & _BIT[tell.then] != _NONE)
    return np.asarray(first[near & both])


@lru_cache(maxsize=4096)
def _groups_cached(name: str) -> int:
    return groups_of(name)


def telling_words(names: Sequence[str], head: str) -> list[str]:
    """The words among these that a tell of this head looks for, in order, once each."""
    wanted = 0
    for of, tell in TELLS:
        if of == head:
            wanted |= int(_BIT[tell.first]) | (int(_BIT[tell.then]) if tell.then else 0)
    return list(dict.fromkeys(name for name in names if _groups_cached(name) & wanted))
