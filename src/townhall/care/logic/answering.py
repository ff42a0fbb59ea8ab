"""Which of a brand's articles answer a post: by the words they share, and by what colleagues sent for like posts.

Words weigh as in BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the
inverse document frequency that is never negative), each by how rare it is among the brand's articles: 1 for a word that no
other article holds. A word of customers whom an article answered counts as if it stood there once. What an article gains is
how many such words of the post it fully answers; its score is the geometric mean of that and of the share of the post's words
that it is: neither one odd word of many nor a little of all is enough.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log, log2, sqrt

import numpy as np
import numpy.typing as npt
from msgspec import Struct

SATURATION = 1.2
LENGTH = 0.5
"""BM25's k1 and b."""
SMALLEST = 30
"""A shelf of fewer articles is weighed as one of so many: words of its few are not as common as they look."""
ENOUGH = 8.0
"""Words (of rarity 1) of a post that an answer may be asked to be about; a longer message need not be covered whole."""
USED = 0.08
"""What each doubling of the times that an article was sent for posts of this intent adds to its score, as a share."""
FLOOR = 0.35
"""Below, nothing is suggested: unsure rather than wrong. Chosen on public questions: see the page on performance."""
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
        every = max(self.articles, SMALLEST)
        return _idf(every, self.holders) / _idf(every, 0)

    @property
    def asks(self) -> bool:
        """Whether an answer should be about it: a number that no article holds is the customer's own matter."""
        return bool(self.holders) or not any(sign.isdigit() for sign in self.said)


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


def by_words(words: Sequence[Word], most: int = CANDIDATES) -> tuple[Match, ...]:
    """The articles that share words with a post, best first; of equals the older."""
    told = [word for word in words if len(word.ids)]
    if not told:
        return ()
    ids = np.concatenate([np.asarray(word.ids, np.int64) for word in told])
    gains = np.concatenate([_gains(word) for word in told])
    held, place = np.unique(ids, return_inverse=True)
    asked = min(sum(word.rarity for word in words if word.asks), ENOUGH)
    scores = np.round(np.bincount(place, gains) / sqrt(asked), 6)
    best = np.lexsort((held, -scores))[:most]
    return tuple(Match(int(held[at]), float(scores[at]), _shares(told, int(held[at]))) for at in best)


def _gains(word: Word) -> npt.NDArray[np.float64]:
    """What the word adds to each article that holds it: its rarity, as far as the article is about it."""
    often = np.asarray(word.times, np.float64) + (np.asarray(word.people) > 0)
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
