"""Kernel ridge regression on how alike texts are: exact, without chance, and honest about itself.

The kernel is the plain product of the views, bent: some of it squared. The plain part sums up evidence, the squared
one weighs what comes together. Leaving each row out in turn has a closed form (Allen's PRESS), so the bend and the
ridge are chosen, and chances stated, by rows a fit has not seen. Source: Rifkin, Yeo and Poggio, "Regularized
Least-Squares Classification", 2003.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from scipy.linalg import lapack
from scipy.sparse import csr_matrix, hstack

from townhall.enrich.learning.grades import best_grade

SHARES = (0.35, 0.35, 0.2)
"""Weights of words, letters and stems; what is left is for what the shipped models say."""
FURTHER = 0.1
COMPANY = 0.1
"""What the company of their words adds to how alike two texts are."""
COMMON = 0.04
"""A feature of more than this share of the rows learnt from is multiplied as a dense column."""
SQUARED, PENALTIES, USUAL = (0.5, 0.0, 0.25, 0.75), (0.1, 0.02, 0.3), 0.1
"""What is tried: the share of the square, then the ridge."""
CHOSEN_ON = 3_000
"""A fit grows with the cube of its rows; so many are enough to choose by."""


class Bend(Struct, frozen=True):
    """``squared``: how much of the kernel is its square (0 … 1); ``penalty``: the ridge."""

    squared: float
    penalty: float


def side_by_side(views: Sequence[csr_matrix], extra: Any, company: csr_matrix | None = None) -> csr_matrix:
    """One matrix of all views, so that one product sums them up by their shares (to one, with what ``extra`` has); ``company``
    comes on top."""
    whole = 1.0 if extra is not None else sum(SHARES)
    parts = [view * np.float32((share / whole) ** 0.5) for share, view in zip(SHARES, views, strict=True)]
    if company is not None:
        parts.append(company * np.float32(COMPANY**0.5))
    return csr_matrix(hstack(parts, format="csr", dtype=np.float32))


class Known:
    """Rows learnt from, ready to be multiplied with: the columns that are often there the dense way, the many rare ones the
    sparse way, which together is several times faster than either."""

    def __init__(self, rows: csr_matrix) -> None:
        often = np.bincount(rows.indices, minlength=rows.shape[1]) > COMMON * rows.shape[0]
        self._often, self._rare = np.flatnonzero(often), np.flatnonzero(~often)
        self._dense = rows[:, self._often].toarray().T
        self._sparse = csr_matrix(rows[:, self._rare].T)

    def product(self, asked: csr_matrix) -> Any:
        """(asked, known), dense."""
        total = asked[:, self._often].toarray() @ self._dense
        total += (asked[:, self._rare] @ self._sparse).toarray()
        return total


def alike(asked: csr_matrix, known: Known, extra: Any = None, other: Any = None) -> Any:
    """How alike each text asked about is to each learnt from, 0 to 1; ``extra`` and ``other`` are their further numbers."""
    total = known.product(asked)
    if extra is not None:
        total += np.float32(FURTHER) * _near(extra, other)
    return total


def _near(a: Any, b: Any) -> Any:
    apart = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None] - 2 * a @ b.T
    return np.exp(-0.5 * apart / a.shape[1]).astype(np.float32)


def bent(plain: Any, squared: float) -> Any:
    """The kernel: ``plain`` with so much of its square. A new array."""
    kernel = plain * np.float32(squared)
    kernel += np.float32(1 - squared)
    kernel *= plain
    return kernel


def solve(kernel: Any, wanted: Any, penalty: float) -> tuple[Any, Any]:
    """The weights, and what each row would be given by a fit without it. The kernel is used up."""
    lower = factor(kernel, penalty)
    alpha = solved(lower, wanted)
    inverse, _ = lapack.strtri(lower, lower=1, overwrite_c=1)
    diagonal = np.einsum("ij,ij->j", inverse, inverse)
    return alpha, wanted - alpha / diagonal[:, None]


def factor(kernel: Any, penalty: float) -> Any:
    """The lower Cholesky factor of the kernel with the ridge. The kernel is used up."""
    kernel[np.diag_indices_from(kernel)] += np.float32(penalty)
    lower, failed = lapack.spotrf(kernel.T, lower=1, overwrite_a=1, clean=1)
    assert not failed, "a kernel with a ridge is positive definite"
    return lower


def solved(lower: Any, wanted: Any) -> Any:
    """The weights that give what is wanted, by the factor."""
    return lapack.spotrs(lower, wanted.astype(np.float32), lower=1)[0]


def choose(plain: Any, wanted: Any, truth: Any, metric: str) -> Bend:
    """The bend, then the ridge, that are best on rows left out; of equals the first. ``wanted`` is 1 for a row's class."""
    rows = np.random.default_rng(20250101).permutation(len(truth))[:CHOSEN_ON]
    some, right, mean = plain[np.ix_(rows, rows)], truth[rows], wanted.mean(axis=0)
    goal = wanted[rows] - mean

    def graded(bend: Bend) -> float:
        left_out = solve(bent(some, bend.squared), goal, bend.penalty)[1]
        return best_grade(left_out + mean, right, metric)

    squared = max(SQUARED, key=lambda share: graded(Bend(share, USUAL)))
    penalty = max(PENALTIES, key=lambda ridge: graded(Bend(squared, ridge)))
    return Bend(squared, penalty)
