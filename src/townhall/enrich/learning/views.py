"""A text seen three ways: its words in order, the letters inside them, and its stems in any order.

Each view is a row of hashed features weighed by how rare they are among the rows learnt from (TF-IDF, length one), so
that the product of two rows is how alike two texts are. All texts are worked on at once, as flat arrays.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from scipy.sparse import csr_matrix
from xxhash import xxh32_intdigest

VIEWS = 3
"""Those that every text is seen in."""
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
_GRAMS = (2, 3, 4, 5)
_DENIED = np.uint32(0x5BD1E995)
_PRIMES = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0x01000193))


class Block(Struct, frozen=True):
    """The features of some texts in one view, text after text: how many each text has, their hashes, how often they come."""

    sizes: Any
    hashes: Any
    often: Any

    def some(self, rows: Any) -> "Block":
        """Those of the texts at these places."""
        starts = np.cumsum(self.sizes) - self.sizes
        sizes = self.sizes[rows]
        ends = np.cumsum(sizes)
        place = np.arange(int(sizes.sum())) + np.repeat(starts[rows] - (ends - sizes), sizes)
        return Block(sizes, self.hashes[place], self.often[place])

    def followed_by(self, other: "Block") -> "Block":
        """These texts, then those."""
        both = zip(
            (self.sizes, self.hashes, self.often), (other.sizes, other.hashes, other.often), strict=True
        )
        return Block(*(np.concatenate(pair) for pair in both))


class Hashed(Struct, frozen=True):
    """Texts as they are learnt from: a block for each of the ``views``, and their ``words`` in order."""

    views: tuple[Block, ...]
    words: Block

    def some(self, rows: Any) -> "Hashed":
        """Those of the texts at these places."""
        places = np.asarray(rows, np.int64)
        return Hashed(tuple(view.some(places) for view in self.views), self.words.some(places))


def hashed(texts: Sequence[str]) -> Hashed:
    """The texts in every view, which ``View`` learns from and weighs, and their words in order."""
    lines = [_tokens(text) for text in texts]
    owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    words, token, marks = _told_apart(lines)
    found = [
        _words(marks[token], owner, *_denied(lines)),
        _letters(words, token, owner),
        _stems(words, token, owner),
    ]
    return Hashed(
        tuple(_block(hashes, whose, len(lines)) for hashes, whose in found), _line(lines, marks[token])
    )


def in_order(texts: Sequence[str]) -> Block:
    """The words of the texts in order, and nothing else of them."""
    lines = [_tokens(text) for text in texts]
    _, token, marks = _told_apart(lines)
    return _line(lines, marks[token])


def _told_apart(lines: Sequence[list[str]]) -> tuple[list[str], Any, Any]:
    """The words there are, the number of each that stands in the lines, and the hash of each."""
    places: dict[str, int] = {}
    token = np.array([places.setdefault(one, len(places)) for line in lines for one in line], np.int64)
    words = list(places)
    return words, token, np.array([_mark(word) for word in words], np.uint32)


def _line(lines: Sequence[list[str]], marks: Any) -> Block:
    return Block(np.array([len(line) for line in lines], np.int64), marks, np.ones(len(marks), np.float32))


def _tokens(text: str) -> list[str]:
    lowered = _LONG.sub(r"\1\1", _ADDRESS.sub(" ~url ", text.lower()))
    return ["0" * min(len(t), 5) if t.isdigit() else t for t in _TOKEN.findall(lowered)]


def _mark(word: str) -> int:
    return xxh32_intdigest(word.encode("utf-8", "replace"))


def _words(marks: Any, owner: Any, denied: list[str], whose: list[int]) -> tuple[Any, Any]:
    """Words, two and three in a row, and words that a denial reaches."""
    hashes, owners, mixed = [marks], [owner], marks
    for width in (2, 3):
        mixed = (mixed[:-1] * _PRIMES[0]) ^ (marks[width - 1 :] + np.uint32(width)) * _PRIMES[1]
        inside = owner[: len(mixed)] == owner[width - 1 :]
        hashes.append(mixed[inside])
        owners.append(owner[: len(mixed)][inside])
    hashes.append(np.array([_mark(word) for word in denied], np.uint32) * _PRIMES[1] ^ _DENIED)
    owners.append(np.array(whose, np.int64))
    return np.concatenate(hashes), np.concatenate(owners)


def _denied(lines: Sequence[list[str]]) -> tuple[list[str], list[int]]:
    """The words that a denial before them reaches, and the text of each."""
    found, whose = [], []
    for n, line in enumerate(lines):
        reach = 0
        for token in line:
            if token in _DENIALS or token.endswith("n't"):
                reach = _REACH
            elif reach and token[0].isalpha():
                found.append(token)
                whose.append(n)
                reach -= 1
            elif token in _ENDS:
                reach = 0
    return found, whose


def _letters(words: Sequence[str], token: Any, owner: Any) -> tuple[Any, Any]:
    """Letters in a row within a word, ``<`` and ``>`` at its ends: found once a word, then laid out for each of its places."""
    marked = [f"<{word}>" for word in words]
    codes = np.frombuffer("".join(marked).encode("utf-32-le", "replace"), np.uint32)
    word = np.repeat(np.arange(len(words)), [len(one) for one in marked])
    hashes, of, mixed = [], [], np.zeros(len(codes), np.uint32)
    for width in range(1, max(_GRAMS) + 1):
        mixed = mixed[: len(codes) - width + 1] * _PRIMES[2] ^ codes[width - 1 :] * _PRIMES[0]
        if width in _GRAMS:
            inside = word[: len(mixed)] == word[width - 1 :]
            hashes.append(((mixed + np.uint32(width)) * _PRIMES[1])[inside])
            of.append(word[: len(mixed)][inside])
    each, whose = np.concatenate(hashes), np.concatenate(of)
    order = np.argsort(whose, kind="stable")
    sizes = np.bincount(whose, minlength=len(words))
    return Block(sizes, each[order], each[order]).some(token).hashes, np.repeat(owner, sizes[token])


def _stems(words: Sequence[str], token: Any, owner: Any) -> tuple[Any, Any]:
    """The first five letters of words that mean something, and pairs of them close together, in any order."""
    telling = np.array([word not in _SMALL and word[0].isalnum() for word in words], bool)
    stems = np.array([_mark(word[:5]) for word in words], np.uint32)
    kept = telling[token]
    stem, owner = stems[token][kept], owner[kept]
    hashes, owners = [stem], [owner]
    for lag in range(1, _REACH):
        near = owner[lag:] == owner[:-lag]
        low, high = np.minimum(stem[:-lag], stem[lag:])[near], np.maximum(stem[:-lag], stem[lag:])[near]
        hashes.append(low * _PRIMES[0] ^ (high + np.uint32(1)) * _PRIMES[1])
        owners.append(owner[:-lag][near])
    return np.concatenate(hashes), np.concatenate(owners)


def _block(hashes: Any, owner: Any, texts: int) -> Block:
    keys, often = np.unique((owner.astype(np.uint64) << np.uint64(32)) | hashes, return_counts=True)
    sizes = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=texts)
    return Block(sizes, keys.astype(np.uint32), often.astype(np.float32))


class View:
    """One view's columns, sorted by hash, and the rarity of each."""

    def __init__(self, columns: Any, rarity: Any) -> None:
        self.columns, self.rarity = columns, rarity

    @classmethod
    def learn(cls, block: Block) -> "View":
        """Of the rows learnt from, never of those asked about later."""
        columns, seen = np.unique(block.hashes, return_counts=True)
        return cls(columns, (np.log((1 + len(block.sizes)) / (1 + seen)) + 1).astype(np.float32))

    def weigh(self, block: Block) -> csr_matrix:
        """Rows of length one; features never seen before count for nothing."""
        texts = len(block.sizes)
        owner = np.repeat(np.arange(texts), block.sizes)
        place = np.minimum(np.searchsorted(self.columns, block.hashes), max(len(self.columns) - 1, 0))
        known = self.columns[place] == block.hashes if len(self.columns) else np.zeros(len(place), bool)
        place, owner = place[known], owner[known]
        weight = (1 + np.log(block.often[known])) * self.rarity[place]
        length = np.sqrt(np.bincount(owner, weight * weight, texts))
        weight = (weight / np.maximum(length, 1e-9)[owner]).astype(np.float32)
        return csr_matrix((weight, (owner, place)), shape=(texts, len(self.columns)))
