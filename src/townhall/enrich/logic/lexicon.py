"""Every word seen lately, with all that follows from it alone: worked out once, then a row in a table.

Posts repeat words, so a word's hashes, weights and fingerprint are found by one dictionary look-up. The table is
a memory, not a state: what it gives for a word never depends on what came before, and it starts anew when full.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh32_intdigest, xxh64_intdigest

from townhall.enrich.logic.evidence import groups_of
from townhall.enrich.logic.features import SIZE, Floats, Ints, gram_rows, name_of
from townhall.enrich.logic.tokens import END, is_searchable, terms_of_token

BITS = 64
"""Votes of the fingerprint."""

_FULL = 60_000
_FULL_LETTERS = 2_000_000
_TOPIC_WORD_LENGTHS = range(3, 25)


class Weights:
    """The columns of all heads side by side: word, letter and pair blocks, one bias each, and words' rarity."""

    def __init__(
        self, words: Floats, letters: Floats, pairs: Floats, bias: Floats, rarity: dict[int, float]
    ) -> None:
        self.words, self.letters, self.pairs, self.bias = words, letters, pairs, bias
        self.rarity = rarity


class _Rows(dict[str, int]):
    """Token → row, where asking for a new token gives it the next row and notes it down."""

    def __init__(self) -> None:
        super().__init__({END: 0})
        self.new: list[str] = []

    def __missing__(self, token: str) -> int:
        row = self[token] = len(self)
        self.new.append(token)
        return row

    def take_new(self) -> list[str]:
        """The tokens given rows since the last call, in the order of their rows."""
        new, self.new = self.new, []
        return new


class Lexicon:
    """Token → row. ``vectors`` holds the weights of each head and then the 64 votes; rows 0 is the end of a text."""

    def __init__(self, weights: Weights, unknown_rarity: float, full: int = _FULL) -> None:
        self._weights = weights
        self._unknown = unknown_rarity
        self._full = full
        self._width = weights.words.shape[1]
        self._reset(4096)

    def _reset(self, room: int) -> None:
        self._row_of = _Rows()
        self.names: list[str] = [END]
        self.words: list[str] = [""]
        self._letters = 0
        self.vectors = np.zeros((room, self._width + BITS), np.float32)
        self.hashes = np.zeros(room, np.uint32)
        self.terms = np.zeros((room, 2), np.int32)
        self.searchable = np.zeros(room, bool)
        self.counts = np.zeros(room, bool)
        self.groups = np.zeros(room, np.uint64)
        self.topic = np.zeros(room, np.float32)

    def rows(self, tokens: Sequence[str]) -> Ints:
        """The row of each token; words not seen before are learnt first."""
        rows = np.fromiter(map(self._row_of.__getitem__, tokens), np.int32, len(tokens))
        if self._row_of.new:
            self._learn(self._row_of.take_new())
        return rows

    def forget_when_full(self) -> None:
        """Start anew when the table is full. Between batches only: rows handed out are void after it."""
        if len(self.names) > self._full or self._letters > _FULL_LETTERS:
            self._reset(4096)

    def _learn(self, tokens: list[str]) -> None:
        first, last = len(self.names), len(self.names) + len(tokens)
        while last > len(self.hashes):
            self._grow()
        names = [name_of(token) for token in tokens]
        marks = [name.encode("utf-8", "replace") for name in names]
        hashes = np.fromiter(map(xxh32_intdigest, marks), np.uint32, len(names))
        counts = np.fromiter(map(bool, names), bool, len(names))
        here = slice(first, last)
        self.hashes[here], self.counts[here] = hashes, counts
        self.groups[here] = list(map(groups_of, names))
        self.vectors[here, : self._width] = self._weigh(names, hashes) * counts[:, None]
        self.vectors[here, self._width :] = _votes(names, marks)
        self._learn_terms(tokens, names, first)
        self.topic[here] = list(map(self._rarity, tokens, names, hashes.tolist()))
        self.names += tokens
        self.words += names
        self._letters += sum(map(len, tokens))

    def _learn_terms(self, tokens: list[str], names: list[str], first: int) -> None:
        self.terms[first : first + len(tokens)] = self.hashes[first : first + len(tokens), None].view(
            np.int32
        )
        for row, (token, name) in enumerate(zip(tokens, names, strict=True), first):
            # A plain word is its own name, and the name's hash is its term: nothing more to work out.
            plain = token == name and name.isalpha()
            self.searchable[row] = plain or is_searchable(token)
            if not plain and self.searchable[row]:
                self.terms[row] = terms_of_token(token)

    def _weigh(self, names: list[str], hashes: NDArray[np.uint32]) -> Floats:
        whole = self._weights.words[hashes & np.uint32(SIZE - 1)]
        return np.asarray(whole + gram_rows(names) @ self._weights.letters)

    def _rarity(self, token: str, name: str, mark: int) -> float:
        """How much a word says as a topic; 0 when it is none."""
        if not name.isalpha() or len(name) not in _TOPIC_WORD_LENGTHS or token[0] in "@~":
            return 0.0
        found = self._weights.rarity.get(mark, self._unknown)
        return found * 1.5 if token[0] == "#" else found

    def _grow(self) -> None:
        for field in ("vectors", "hashes", "terms", "searchable", "counts", "groups", "topic"):
            old = getattr(self, field)
            setattr(self, field, np.concatenate([old, np.zeros_like(old)]))


def _votes(names: list[str], marks: list[bytes]) -> Floats:
    """+1 or -1 for each bit of each word's fingerprint; handles and addresses have no say."""
    prints = np.fromiter(map(xxh64_intdigest, marks), ">u8", len(names))
    bits = np.unpackbits(prints.view(np.uint8).reshape(-1, 8), axis=1).astype(np.float32)
    voiced = np.fromiter((bool(name) and name[0] not in "@~" for name in names), bool, len(names))
    return np.asarray((bits * 2 - 1) * voiced[:, None])
