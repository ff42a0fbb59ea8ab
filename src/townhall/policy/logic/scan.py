"""One pass over a batch of texts that says which words *cannot* be in which text, for all rules at once.

Every word gives one of its windows of four or eight bytes (the rarest we can guess); all windows of all texts are looked up in
tables of 65,536 hashes by numpy, at some nanoseconds a byte whatever the number of words. A mark is only a
reason to look: the rule's own exact search decides. Words shorter than four bytes are not scanned for.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

WINDOW = 4
"""Bytes that a word must have to be scanned for."""
_LONG = 8
_FEW = 24
"""Below so many texts, looking is cheaper than scanning."""

# Knuth's multiplicative hash: 2^32 and 2^64 over the golden ratio; the upper sixteen bits are the place in the table
_HASH: dict[int, tuple[Any, Any]] = {
    WINDOW: (np.uint32(2_654_435_761), np.uint32(16)),
    _LONG: (np.uint64(11_400_714_819_323_198_485), np.uint64(48)),
}
_COMMON = b" etaoinshrdlucmfwypvbgkjqxz"
_PAD = b"\n" * (2 * _LONG)


class Scanner:
    """Looks for words (lower case), each with the bits to set in the mark of a text that may hold it.

    Long words are told by windows of eight bytes, because words of one policy are often alike (product numbers).
    """

    def __init__(self, words: dict[str, int]) -> None:
        encoded = {word.encode("utf-8", "surrogatepass"): bits for word, bits in words.items()}
        long = {word: bits for word, bits in encoded.items() if len(word) >= _LONG}
        short = {word: bits for word, bits in encoded.items() if len(word) < _LONG}
        self._tables = [_Table(size, some) for size, some in ((WINDOW, short), (_LONG, long)) if some]

    def marks(self, texts: Sequence[str]) -> list[int]:
        """For each text (lower case) the bits of words it may hold; -1, all bits, where nobody looked."""
        if len(texts) < _FEW:
            return [-1] * len(texts)
        marks = [0] * len(texts)
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.cumsum([len(text) + 1 for text in encoded])
        joined = b"\n".join(encoded) + _PAD
        for table in self._tables:
            for places, windows in table.found(joined):
                owners = np.minimum(np.searchsorted(ends, places, side="right"), len(texts) - 1)
                for owner, window in zip(owners.tolist(), windows.tolist(), strict=True):
                    marks[owner] |= table.bits.get(window, 0)
        return marks


class _Table:
    """One window of ``size`` bytes of each word, and where its hash lies."""

    def __init__(self, size: int, words: dict[bytes, int]) -> None:
        self.size = size
        self.bits: dict[int, int] = {}
        for word, bits in words.items():
            window = _rarest(word, size)
            self.bits[window] = self.bits.get(window, 0) | bits
        self._there = np.zeros(1 << 16, dtype=np.bool_)
        self._there[self._hashes(np.array(list(self.bits), dtype=f"<u{size}"))] = True

    def found(self, joined: bytes) -> Iterable[tuple["np.ndarray", "np.ndarray"]]:
        """Places and windows that may begin or continue a word, for each alignment."""
        count = (len(joined) - self.size) // self.size
        for offset in range(self.size):
            windows = np.frombuffer(joined, dtype=f"<u{self.size}", count=count, offset=offset)
            hits = np.flatnonzero(self._there[self._hashes(windows)])
            yield hits * self.size + offset, windows[hits]

    def _hashes(self, windows: "np.ndarray") -> "np.ndarray":
        multiplier, shift = _HASH[self.size]
        hashes: np.ndarray = (windows * multiplier) >> shift
        return hashes


def _rarest(word: bytes, size: int) -> int:
    """The word's window with the least common letters, as the number its bytes make."""
    starts = range(len(word) - size + 1)
    best = max(starts, key=lambda start: sum(_rarity(byte) for byte in word[start : start + size]))
    return int.from_bytes(word[best : best + size], "little")


def _rarity(byte: int) -> int:
    place = _COMMON.find(byte)
    return len(_COMMON) if place < 0 else place
