"""Words known by the company they keep: those that stand among the same others lie near each other.

Posts that nobody has labelled teach it as well as others. How often two words stand near each other, against chance, cut
down to the few directions that carry most of it. A text lies where its words lie, the rare ones weighing more, so that two may be alike without sharing a word.
Source: Levy, Goldberg and Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings", 2015.
"""

from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import svds

from townhall.enrich.learning.views import Block

WIDTH = 100
"""Directions that are kept."""
NEAR = 5
"""How many words apart is near; a pair counts one over its distance."""
LEAST, MOST, FEWEST = 4, 20_000, 2 * WIDTH
"""A word is placed from so many times on, the most frequent so many at most; with fewer words than ``FEWEST`` none is."""
_SMOOTHED = 0.75
"""The power that keeps rare words from looking like close friends of all they meet."""


class Company:
    """Where words lie. ``words`` are their hashes, sorted; ``places`` (words, width), longer for rare words; ``usual`` is where
    the texts learnt from lie in the mean."""

    def __init__(self, words: Any, places: Any, usual: Any) -> None:
        self.words, self.places, self.usual = words, places, usual

    @classmethod
    def learn(cls, lines: Block, others: Block) -> "Company":
        """Of the words, in their order, of the rows learnt from and of ``others`` that are of the same kind."""
        whole = lines.followed_by(others)
        words, seen = np.unique(whole.hashes, return_counts=True)
        kept = np.sort(np.argsort(-seen, kind="stable")[:MOST])
        kept = kept[seen[kept] >= LEAST]
        words, seen = words[kept], seen[kept]
        if len(words) < FEWEST:
            return cls(words[:0], np.zeros((0, WIDTH), np.float32), np.zeros(WIDTH, np.float32))
        made = cls(words, _placed(*_known(words, whole), seen), np.zeros(WIDTH, np.float32))
        made.usual = made._lying(lines).mean(axis=0)
        return made

    def weigh(self, lines: Block) -> csr_matrix:
        """Rows of length one (texts, width), from what is usual on; a text of words never placed is of length none."""
        found = self._lying(lines)
        found[found.any(axis=1)] -= self.usual
        return csr_matrix(_long_as_one(found), dtype=np.float32)

    def _lying(self, lines: Block) -> Any:
        place, owner = _known(self.words, lines)
        counts = csr_matrix(
            (np.ones(len(place), np.float32), (owner, place)), shape=(len(lines.sizes), len(self.words))
        )
        return _long_as_one(counts @ self.places)


def _known(words: Any, lines: Block) -> tuple[Any, Any]:
    """The number of each word that is known, in order, and of its text."""
    owner = np.repeat(np.arange(len(lines.sizes)), lines.sizes)
    place = np.searchsorted(words, lines.hashes)
    known = words.take(place, mode="clip") == lines.hashes if len(words) else np.zeros(len(owner), bool)
    return place[known], owner[known]


def _placed(place: Any, owner: Any, seen: Any) -> Any:
    """Where the words lie, by who stands near whom."""
    near = _near(place, owner, len(seen))
    told = near.tocoo()
    often = np.asarray(near.sum(axis=1)).ravel()
    chance = often**_SMOOTHED / (often**_SMOOTHED).sum()
    tie = np.log(told.data / (often[told.row] * chance[told.col]))
    close = tie > 0
    ties = csr_matrix((tie[close], (told.row[close], told.col[close])), shape=near.shape, dtype=np.float32)
    begun = np.random.default_rng(20250101).standard_normal(len(seen)).astype(np.float32)
    left, strength, _ = svds(ties, k=WIDTH, v0=begun)
    return (_long_as_one(left * np.sqrt(strength)) * np.log(seen.sum() / seen)[:, None]).astype(np.float32)


def _near(place: Any, owner: Any, words: int) -> csr_matrix:
    """(words, words): how often two stand near each other within a text."""
    total = csr_matrix((words, words))
    for apart in range(1, NEAR + 1):
        together = owner[apart:] == owner[:-apart]
        pair = place[:-apart][together], place[apart:][together]
        total = total + coo_matrix((np.full(len(pair[0]), 1 / apart), pair), shape=(words, words)).tocsr()
    return csr_matrix(total + total.T)


def _long_as_one(rows: Any) -> Any:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
