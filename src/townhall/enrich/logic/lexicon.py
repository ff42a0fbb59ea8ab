"""Every word seen lately, with all that follows from it alone: worked out once, then a row in a table.

Posts repeat words, so a word's hashes, weights and fingerprint are found by one dictionary look-up. The table is
a memory, not a state: what it gives for a word never depends on what came before, and it starts anew when full.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from townhall.enrich.logic.features import SIZE, Floats, Ints, fingerprint, gram_rows, name_of, word_hash
from townhall.enrich.logic.tokens import is_searchable, terms_of_token

BITS = 64
"""Votes of the fingerprint."""

_FULL = 60_000
_TOPIC_WORD_LENGTHS = range(3, 25)


class Weights:
    """The columns of all heads side by side: word, letter and pair blocks, one bias each, and words' rarity."""

    def __init__(
        self, words: Floats, letters: Floats, pairs: Floats, bias: Floats, rarity: dict[int, float]
    ) -> None:
        self.words, self.letters, self.pairs, self.bias = words, letters, pairs, bias
        self.rarity = rarity


class Lexicon:
    """Token → row. ``vectors`` holds the weights of each head and then the 64 votes; rows 0 is the end of a text."""

    def __init__(self, weights: Weights, unknown_rarity: float) -> None:
        self._weights = weights
        self._unknown = unknown_rarity
        self._width = weights.words.shape[1]
        self._reset(4096)

    def _reset(self, room: int) -> None:
        self.row_of: dict[str, int] = {"\n": 0}
        self.names: list[str] = ["\n"]
        self.vectors = np.zeros((room, self._width + BITS), np.float32)
        self.hashes = np.zeros(room, np.uint32)
        self.terms = np.zeros((room, 2), np.int32)
        self.searchable = np.zeros(room, bool)
        self.counts = np.zeros(room, bool)
        self.topic = np.zeros(room, np.float32)

    def rows(self, tokens: Sequence[str]) -> Ints:
        """The row of each token; words not seen before are learnt first."""
        get = self.row_of.get
        try:
            return np.fromiter(map(get, tokens), np.int32, len(tokens))
        except TypeError:  # a ``None``: some are new
            self._learn(sorted({token for token in tokens if token not in self.row_of}))
        return np.fromiter(map(self.row_of.get, tokens), np.int32, len(tokens))

    def forget_when_full(self) -> None:
        """Start anew when the table is full. Between batches only: rows handed out are void after it."""
        if len(self.names) > _FULL:
            self._reset(4096)

    def _learn(self, tokens: list[str]) -> None:
        first, last = len(self.names), len(self.names) + len(tokens)
        while last > len(self.hashes):
            self._grow()
        names = [name_of(token) for token in tokens]
        hashes = np.fromiter(map(word_hash, names), np.uint32, len(names))
        counts = np.fromiter((bool(name) for name in names), bool, len(names))
        here = slice(first, last)
        self.hashes[here], self.counts[here] = hashes, counts
        self.vectors[here, : self._width] = self._weigh(names, hashes) * counts[:, None]
        self.vectors[here, self._width :] = _votes(names)
        self._learn_terms(tokens, first)
        self.topic[here] = [self._rarity(token, name) for token, name in zip(tokens, names, strict=True)]
        self.row_of.update(zip(tokens, range(first, last), strict=True))
        self.names += tokens

    def _learn_terms(self, tokens: list[str], first: int) -> None:
        for row, token in enumerate(tokens, first):
            if is_searchable(token):
                self.searchable[row] = True
                self.terms[row] = terms_of_token(token)

    def _weigh(self, names: list[str], hashes: NDArray[np.uint32]) -> Floats:
        whole = self._weights.words[hashes & np.uint32(SIZE - 1)]
        return whole + gram_rows(names) @ self._weights.letters

    def _rarity(self, token: str, name: str) -> float:
        """How much a word says as a topic; 0 when it is none."""
        if not name.isalpha() or len(name) not in _TOPIC_WORD_LENGTHS or name != token.lstrip("#"):
            return 0.0
        found = self._weights.rarity.get(word_hash(name), self._unknown)
        return found * 1.5 if token[0] == "#" else found

    def _grow(self) -> None:
        for field in ("vectors", "hashes", "terms", "searchable", "counts", "topic"):
            old = getattr(self, field)
            setattr(self, field, np.concatenate([old, np.zeros_like(old)]))


def _votes(names: list[str]) -> Floats:
    """+1 or -1 for each bit of each word's fingerprint; handles and addresses have no say."""
    marks = np.fromiter((fingerprint(name) for name in names), ">u8", len(names))
    bits = np.unpackbits(marks.view(np.uint8).reshape(-1, 8), axis=1).astype(np.float32)
    voiced = np.fromiter((bool(name) and name[0] not in "@\ue000" for name in names), bool, len(names))
    return (bits * 2 - 1) * voiced[:, None]
