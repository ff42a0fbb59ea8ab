"""One pass over a batch of texts that says which words *cannot* be in which text, for all rules at once.

Every word gives one of its four-byte windows (the rarest we can guess); all windows of all texts are looked up in a
table of 65,536 hashes by numpy, at about a nanosecond a byte whatever the number of words. A mark is only a
reason to look: the rule's own exact search decides. Words shorter than four bytes are not scanned for.
"""

from collections.abc import Iterable, Sequence

import numpy as np

WINDOW = 4
_FEW = 24
"""Below so many texts, looking is cheaper than scanning."""

_MULTIPLIER = np.uint32(2_654_435_761)  # Knuth's multiplicative hash: 2^32 over the golden ratio
_SHIFT = np.uint32(16)
_COMMON = b" etaoinshrdlucmfwypvbgkjqxz"
_PAD = b"\n" * (2 * WINDOW)


class Scanner:
    """Looks for words (lower case), each with the bits to set in the mark of a text that may hold it."""

    def __init__(self, words: dict[str, int]) -> None:
        self._bits: dict[int, int] = {}
        self._table = np.zeros(1 << 16, dtype=np.bool_)
        for word, bits in words.items():
            window = _rarest(word.encode("utf-8", "surrogatepass"))
            self._bits[window] = self._bits.get(window, 0) | bits
        if words:
            self._table[_hashes(np.array(list(self._bits), dtype=np.uint32))] = True

    def marks(self, texts: Sequence[str]) -> list[int]:
        """For each text (lower case) the bits of words it may hold; -1, all bits, where nobody looked."""
        if len(texts) < _FEW:
            return [-1] * len(texts)
        marks = [0] * len(texts)
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.cumsum([len(text) + 1 for text in encoded])
        joined = b"\n".join(encoded) + _PAD
        for places, windows in self._found(joined):
            owners = np.minimum(np.searchsorted(ends, places, side="right"), len(texts) - 1)
            for owner, window in zip(owners.tolist(), windows.tolist(), strict=True):
                marks[owner] |= self._bits.get(window, 0)
        return marks

    def _found(self, joined: bytes) -> Iterable[tuple["np.ndarray", "np.ndarray"]]:
        """Places and windows that may begin or continue a word, for each of the four alignments."""
        count = (len(joined) - WINDOW) // WINDOW
        for offset in range(WINDOW):
            windows = np.frombuffer(joined, dtype="<u4", count=count, offset=offset)
            hits = np.flatnonzero(self._table[_hashes(windows)])
            yield hits * WINDOW + offset, windows[hits]


def _hashes(windows: "np.ndarray") -> "np.ndarray":
    return (windows * _MULTIPLIER) >> _SHIFT


def _rarest(word: bytes) -> int:
    """The word's window with the least common letters, as the number its four bytes make."""
    starts = range(len(word) - WINDOW + 1)
    best = max(starts, key=lambda start: sum(_rarity(byte) for byte in word[start : start + WINDOW]))
    return int.from_bytes(word[best : best + WINDOW], "little")


def _rarity(byte: int) -> int:
    place = _COMMON.find(byte)
    return len(_COMMON) if place < 0 else place
