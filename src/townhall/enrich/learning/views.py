"""A text seen three ways: its words in order, the letters inside them, and its stems in any order.

Each view is a row of hashed features weighed by how rare they are among the rows learnt from (TF-IDF, length one), so
that the product of two rows is how alike two texts are.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from xxhash import xxh32_intdigest

VIEWS = 3
_ADDRESS = re.compile(r"https?://\S{1,2048}|www\.\S{1,2048}")
_TOKEN = re.compile(r"[#@]?\w[\w']*|[^\w\s]")
_LONG = re.compile(r"(.)\1{2,}")
_DENIALS = frozenset(("not", "no", "never", "cannot", "without", "nothing", "nobody"))
_ENDS = frozenset(".!?,;")
_SMALL = frozenset(
    "a an the i my me to is it of in on for and do does did have has was be been am are can could would will you your"  # noqa: SIM905
    " what how this that with if please".split()
)
_REACH = 4
"""How many words a denial, and a pair of stems, reach over."""


def features(text: str) -> tuple[list[str], list[str], list[str]]:
    """The features of the three views, with repeats."""
    lowered = _LONG.sub(r"\1\1", _ADDRESS.sub(" ~url ", text.lower()))
    tokens = ["0" * min(len(t), 5) if t.isdigit() else t for t in _TOKEN.findall(lowered)]
    return _words(tokens), _letters(tokens), _stems(tokens)


def _words(tokens: list[str]) -> list[str]:
    found = [" ".join(tokens[i : i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1)]
    reach = 0
    for token in tokens:
        if token in _DENIALS or token.endswith("n't"):
            reach = _REACH
        elif reach and token[0].isalpha():
            found.append("! " + token)
            reach -= 1
        elif token in _ENDS:
            reach = 0
    return found


def _letters(tokens: list[str]) -> list[str]:
    marked = [f"<{token}>" for token in tokens]
    return [word[i : i + n] for word in marked for n in (2, 3, 4, 5) for i in range(len(word) - n + 1)]


def _stems(tokens: list[str]) -> list[str]:
    stems = [token[:5] for token in tokens if token not in _SMALL and token[0].isalnum()]
    pairs = [
        " ".join(sorted((stems[i], stems[j])))
        for i in range(len(stems))
        for j in range(i + 1, min(i + 1 + _REACH, len(stems)))
    ]
    return stems + pairs


def hashed(texts: Sequence[str]) -> list[tuple[dict[int, int], ...]]:
    """For each text and view, feature hash → how often. What ``View`` learns from and weighs."""
    return [tuple(_counts(view) for view in features(text)) for text in texts]


def _counts(found: list[str]) -> dict[int, int]:
    return {xxh32_intdigest(name.encode("utf-8", "replace")): n for name, n in Counter(found).items()}


class View:
    """One view's columns, sorted by hash, and the rarity of each."""

    def __init__(self, columns: Any, rarity: Any) -> None:
        self.columns, self.rarity = columns, rarity

    @classmethod
    def learn(cls, counts: Sequence[dict[int, int]]) -> "View":
        """Of the rows learnt from, never of those asked about later."""
        every = np.fromiter((h for row in counts for h in row), np.uint32)
        columns, seen = np.unique(every, return_counts=True)
        return cls(columns, (np.log((1 + len(counts)) / (1 + seen)) + 1).astype(np.float32))

    def weigh(self, counts: Sequence[dict[int, int]]) -> csr_matrix:
        """Rows of length one; features never seen before count for nothing."""
        sizes = np.fromiter(map(len, counts), np.int64, len(counts))
        hashes = np.fromiter((h for row in counts for h in row), np.uint32, int(sizes.sum()))
        often = np.fromiter((n for row in counts for n in row.values()), np.float32, int(sizes.sum()))
        owner = np.repeat(np.arange(len(counts)), sizes)
        place = np.minimum(np.searchsorted(self.columns, hashes), max(len(self.columns) - 1, 0))
        known = self.columns[place] == hashes if len(self.columns) else np.zeros(len(hashes), bool)
        place, owner = place[known], owner[known]
        weight = (1 + np.log(often[known])) * self.rarity[place]
        length = np.sqrt(np.bincount(owner, weight * weight, len(counts)))
        weight = (weight / np.maximum(length, 1e-9)[owner]).astype(np.float32)
        return csr_matrix((weight, (owner, place)), shape=(len(counts), len(self.columns)))
