"""A batch of texts read once: rows, scores, fingerprints, search terms and topic words for all of them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from townhall.enrich.logic.evidence import Told, telling_words
from townhall.enrich.logic.features import SIZE, Floats, Ints, count_rows, pair_columns
from townhall.enrich.logic.lexicon import Lexicon, Weights
from townhall.enrich.logic.tokens import tokens_of

TOPICS = 5
"""At most this many topic words a post."""

MOST_WORDS = 4
"""At most this many words in a reason."""


class Reading:
    """What one pass over a batch gives. Arrays are by text, in the order given."""

    def __init__(self, lexicon: Lexicon, weights: Weights, texts: Sequence[str]) -> None:
        lexicon.forget_when_full()
        self.size = len(texts)
        self._lexicon = lexicon
        rows = lexicon.rows(tokens_of(texts))
        ends = rows == 0
        self._row: Ints = rows[~ends]
        self._text: Ints = (np.cumsum(ends, dtype=np.int32) - ends)[~ends].astype(np.int32)
        self._weigh(weights)

    def _weigh(self, weights: Weights) -> None:
        lexicon, width = self._lexicon, weights.words.shape[1]
        counted = lexicon.counts[self._row]
        row, text = self._row[counted], self._text[counted]
        sums = count_rows(row, text, self.size, len(lexicon.vectors)) @ lexicon.vectors
        columns, owner = pair_columns(lexicon.hashes[row], text)
        pairs = count_rows(columns, owner, self.size, SIZE) @ weights.pairs
        length = np.sqrt(np.maximum(np.bincount(text, minlength=self.size), 1)).astype(np.float32)
        self.scores: Floats = (sums[:, :width] + pairs) / length[:, None] + weights.bias
        self._votes: Floats = sums[:, width:]
        self.told = Told(lexicon.groups[row], text, self.size)

    def fingerprints(self) -> list[int]:
        """Signed 64-bit near-duplicate fingerprints (Charikar's simhash over words); 0 for a text without words."""
        prints: list[int] = np.packbits(self._votes > 0, axis=1).view(">i8")[:, 0].tolist()
        return prints

    def signs(self, place: int, head: str) -> str:
        """Why the text at ``place`` is held for ``head``: the sorts of sign, and the words that told."""
        words = [self._lexicon.words[row] for row in self._row[self._text == place].tolist()]
        said = ", ".join(telling_words(words, head)[:MOST_WORDS])
        return f"{head}: {', '.join(self.told.sorts(place, head))} ({said})"

    def heaviest(self, place: int, column: int) -> list[str]:
        """The words of the text at ``place`` that speak most for the head of that column."""
        rows = dict.fromkeys(self._row[self._text == place].tolist())
        weights = {row: float(self._lexicon.vectors[row, column]) for row in rows}
        told = sorted((row for row in rows if weights[row] > 0), key=lambda row: -weights[row])
        return [self._lexicon.words[row] for row in told[:MOST_WORDS] if self._lexicon.words[row]]

    def terms(self) -> list[tuple[int, ...]]:
        """The distinct search terms of each text, rising: the same as ``search_terms`` of it."""
        kept = self._lexicon.searchable[self._row]
        terms = self._lexicon.terms[self._row[kept]].astype(np.int64)
        keys = (self._text[kept].astype(np.int64)[:, None] << 32) + terms + (1 << 31)
        keys = np.sort(keys, axis=None)
        unique = keys[np.r_[True, keys[1:] != keys[:-1]]] if keys.size else keys
        values = ((unique & 0xFFFFFFFF) - (1 << 31)).tolist()
        borders = np.searchsorted(unique >> 32, np.arange(self.size + 1)).tolist()
        return [tuple(values[a:b]) for a, b in pairwise(borders)]

    def topics(self) -> list[tuple[str, ...]]:
        """Up to five topic words of each text, the rarest first."""
        weight = self._lexicon.topic[self._row]
        kept = weight > 0
        row, text, weight = self._row[kept], self._text[kept], weight[kept]
        order = np.lexsort((-weight, text))
        words = list(map(self._lexicon.words.__getitem__, row[order].tolist()))
        borders = np.searchsorted(text[order], np.arange(self.size + 1)).tolist()
        return [tuple(dict.fromkeys(words[a:b]))[:TOPICS] for a, b in pairwise(borders)]


def feature_blocks(lexicon: Lexicon, texts: Sequence[str]) -> tuple[NDArray[np.int32], ...]:
    """For training: (row, text) of counted tokens and (column, text) of pairs, from the very code that reads."""
    rows = lexicon.rows(tokens_of(texts))
    ends = rows == 0
    text = (np.cumsum(ends, dtype=np.int32) - ends).astype(np.int32)
    kept = ~ends & lexicon.counts[rows]
    columns, owner = pair_columns(lexicon.hashes[rows[kept]], text[kept])
    return rows[kept], text[kept], columns, owner
