"""Tokens into columns that a linear model weighs: whole words, the letters inside them, and pairs of neighbours.

Three blocks of ``SIZE`` hashed columns each. Who is addressed, which number and which web address it is never
becomes a column: all handles are one, all numbers of a length are one.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from xxhash import xxh32_intdigest

from townhall.enrich.logic.tokens import WEB

SIZE = 1 << 15
"""Columns of one block."""

_GRAMS = (2, 3, 4)
_PRIMES = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77))
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


def name_of(token: str) -> str:
    """What a token counts as: a word bare of ``#`` and ``'``, a kind for handles and numbers, "" for nothing."""
    if token[0] == WEB:
        return WEB if len(token) == 1 else ""
    word = token.lstrip("@#").replace("'", "")
    if not word or token[0] == "@":
        return "@" if word else ""
    if word.isalpha():
        return word
    if word.isdigit():
        return f"0{min(len(word), 6)}"
    return "a0" if any(c.isdigit() for c in word) else word


def word_hash(name: str) -> int:
    """The unsigned 32-bit hash of a name; its low bits are the column."""
    return xxh32_intdigest(name.encode("utf-8", "replace"))


def gram_rows(words: Sequence[str]) -> csr_matrix:
    """For each word its letter groups of two to four (``<`` and ``>`` at its ends) as hashed columns of length one."""
    marked = [f"<{word}>" for word in words]
    codes = np.frombuffer("".join(marked).encode("utf-32-le", "replace"), np.uint32)
    owner = np.repeat(np.arange(len(words), dtype=np.int32), [len(word) for word in marked])
    columns, rows, mixed = [], [], np.zeros(len(codes), np.uint32)
    for width in range(1, max(_GRAMS) + 1):
        mixed = mixed[: len(codes) - width + 1] * np.uint32(0x01000193) ^ codes[width - 1 :] * _PRIMES[0]
        if width in _GRAMS:
            inside = owner[: len(mixed)] == owner[width - 1 :]
            columns.append(_spread(mixed[inside] + np.uint32(width)))
            rows.append(owner[: len(mixed)][inside])
    row, column = np.concatenate(rows), np.concatenate(columns)
    sizes = np.bincount(row, minlength=len(words))
    weight = (1 / np.sqrt(np.maximum(sizes, 1)))[row].astype(np.float32)
    return csr_matrix((weight, (row, column)), shape=(len(words), SIZE))


def _spread(mixed: NDArray[Any]) -> Ints:
    return ((mixed * _PRIMES[1]) >> np.uint32(17)).astype(np.int32)


def pair_columns(hashes: NDArray[np.uint32], text: Ints) -> tuple[Ints, Ints]:
    """The columns of neighbouring tokens of one text, and the text each belongs to."""
    together = text[1:] == text[:-1]
    mixed = hashes[:-1] * _PRIMES[0] ^ (hashes[1:] + np.uint32(1)) * _PRIMES[1]
    return _spread(mixed)[together], text[:-1][together]


def count_rows(columns: Ints, row: Ints, rows: int, width: int) -> csr_matrix:
    """A matrix of counts from sorted rows and their columns."""
    starts = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=rows), out=starts[1:])
    return csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(rows, width))
