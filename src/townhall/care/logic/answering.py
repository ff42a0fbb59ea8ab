"""Which of a brand's articles answer a post: by the words they share, and by what colleagues sent for like posts.

Words weigh as in BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the
inverse document frequency that is never negative), each by how rare it is among the brand's articles: 1 for a word that no
other article holds. So a score says how many such words the article fully answers, whatever the brand's size.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log, log2

import numpy as np
import numpy.typing as npt
from msgspec import Struct

SATURATION = 1.2
LENGTH = 0.5
"""BM25's k1 and b."""
CUSTOMERS = 3
"""A word that colleagues' customers used counts as if it stood so often in the article, at most."""
USED = 0.08
"""What each doubling of the times that an article was sent for posts of this intent adds to its score, as a share."""
FLOOR = 1.0
"""Below, nothing is suggested: unsure rather than wrong."""
MOST = 3
CANDIDATES = 20
"""Articles that are asked for their use before the best are chosen."""


class Word(Struct, frozen=True):
    """A word of the post among the articles of one language. ``said`` is as the customer wrote it, ``articles`` how many there
    are, ``mean`` their mean length in words, ``holders`` how many hold it. Of each holder: its id, how often it holds the word
    (title counted thrice), its length, and how many customers whose posts it answered used the word. The four are empty for a
    word that too many hold to tell anything."""

    said: str
    articles: int
    mean: float
    holders: int
    ids: Sequence[int] = ()
    times: Sequence[int] = ()
    lengths: Sequence[int] = ()
    people: Sequence[int] = ()

    @property
    def rarity(self) -> float:
        """0 (every article holds it) to 1 (none or nearly none)."""
        return _idf(self.articles, self.holders) / _idf(self.articles, 0)


class Match(Struct, frozen=True):
    """An article with its score by words, and the words it shares, those that weigh most first."""

    article: int
    score: float
    shares: tuple[str, ...]


class Suggestion(Struct, frozen=True):
    """An article to send, its score, and why: the words it shares, and how often it was sent for posts of this intent."""

    article: int
    score: float
    shares: tuple[str, ...]
    used: int


def _idf(articles: int, holders: int) -> float:
    return log(1 + (articles - holders + 0.5) / (holders + 0.5))


def by_words(words: Iterable[Word], most: int = CANDIDATES) -> tuple[Match, ...]:
    """The articles that share words with a post, best first; of equals the older."""
    told = [word for word in words if len(word.ids)]
    if not told:
        return ()
    ids = np.concatenate([np.asarray(word.ids, np.int64) for word in told])
    gains = np.concatenate([_gains(word) for word in told])
    held, place = np.unique(ids, return_inverse=True)
    scores = np.round(np.bincount(place, gains), 6)
    best = np.lexsort((held, -scores))[:most]
    return tuple(Match(int(held[at]), float(scores[at]), _shares(told, int(held[at]))) for at in best)


def _gains(word: Word) -> npt.NDArray[np.float64]:
    """What the word adds to each article that holds it: its rarity, as far as the article is about it."""
    often = np.asarray(word.times, np.float64) + np.minimum(np.asarray(word.people, np.float64), CUSTOMERS)
    longer = 1 - LENGTH + LENGTH * np.asarray(word.lengths, np.float64) / max(word.mean, 1.0)
    return np.asarray(word.rarity * often / (often + SATURATION * longer), np.float64)


def _shares(words: Sequence[Word], article: int) -> tuple[str, ...]:
    shared = [word for word in words if article in word.ids]
    return tuple(word.said for word in sorted(shared, key=lambda word: (-word.rarity, word.said)))


def suggest(matches: Iterable[Match], used: Mapping[int, int], most: int = MOST) -> tuple[Suggestion, ...]:
    """The best articles over the floor. ``used`` is how often each was sent for posts of the same intent.

    What colleagues did puts one article before another; it lifts none over the floor.
    """
    kept = [
        Suggestion(
            one.article,
            round(one.score * (1 + USED * log2(1 + used.get(one.article, 0))), 6),
            one.shares,
            used.get(one.article, 0),
        )
        for one in matches
        if one.score >= FLOOR
    ]
    return tuple(sorted(kept, key=lambda one: (-one.score, one.article))[:most])
