"""Kernel ridge regression on how alike texts are: exact, without chance, and honest about itself.

The kernel is half the plain product of the views and half a Gaussian of it: the first sums up evidence, the second
trusts close neighbours. Leaving each row out in turn has a closed form (Allen's PRESS), so the chances it states and
the border it draws come from rows it has not seen. Source: Rifkin, Yeo and Poggio, "Regularized Least-Squares
Classification", 2003.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from townhall.enrich.learning.views import VIEWS, View, hashed
from townhall.kernel.errors import Refused

SHARES = (0.35, 0.35, 0.2)
"""Weights of words, letters and stems; what is left is for what the shipped models say of the text."""
PENALTY, PENALTY_OF_MANY, FEW = 0.3, 0.15, 20
"""The ridge, and that of more than ``FEW`` classes, where each has few rows and close neighbours say most."""
MOST_ROWS = 20_000
"""More rows than this need more memory than a small machine has (8 bytes a pair)."""

Counts = Sequence[tuple[dict[int, int], ...]]


class Machine:
    """A fitted model. ``scores`` are near 1 for the class meant and near 0 for the others; ``chances`` are calibrated."""

    def __init__(
        self, classes: tuple[str, ...], views: list[View], rows: list[csr_matrix], extra: Any, alpha: Any
    ) -> None:
        self.classes, self._views, self._rows = classes, views, rows
        self._extra, self._alpha = extra, alpha
        self.usual: Any = None
        self.mean: Any = np.zeros(len(classes))
        self.heat, self.shift, self.border = 1.0, 0.0, 0.5

    def scores(self, texts: Sequence[str], extra: Any = None) -> Any:
        """(texts, classes)."""
        return self.scores_of(hashed(texts), extra)

    def scores_of(self, counts: Counts, extra: Any = None) -> Any:
        """As ``scores``, for texts hashed already."""
        found = [view.weigh([row[n] for row in counts]) for n, view in enumerate(self._views)]
        extra = None if self.usual is None else _evened(extra, self.usual)
        alike = _alike([(a, b) for a, b in zip(found, self._rows, strict=True)], extra, self._extra)
        return alike @ self._alpha + self.mean

    def chances(self, scores: Any) -> Any:
        """Probabilities (rows sum to one)."""
        return _chances(scores, self.heat, self.shift)

    def decide(self, scores: Any) -> Any:
        """The number of the class of each row; for two classes by the border found in learning."""
        if len(self.classes) == 2:
            return (scores[:, 1] - scores[:, 0] > self.border).astype(int)
        return scores.argmax(axis=1)


def fit(texts: Sequence[str], labels: Sequence[str], extra: Any = None, metric: str = "accuracy") -> Machine:
    """Learns from the texts. ``extra`` are (texts, k) further numbers; ``metric`` is what the border of two
    classes is drawn for: ``accuracy``, ``f1`` (of the second class in order of name) or ``macro_f1``.

    Raises ``Refused`` with fewer than two classes or more than ``MOST_ROWS`` texts.
    """
    return fit_counts(hashed(texts), labels, extra, metric)


def fit_counts(counts: Counts, labels: Sequence[str], extra: Any, metric: str) -> Machine:
    """As ``fit``, for texts hashed already."""
    classes, truth = np.unique(np.asarray(labels), return_inverse=True)
    if len(classes) < 2 or len(truth) > MOST_ROWS:
        raise Refused(
            f"learning wants two classes or more and at most {MOST_ROWS} rows, not {len(classes)} and {len(truth)}"
        )
    views = [View.learn([row[n] for row in counts]) for n in range(VIEWS)]
    rows = [view.weigh([row[n] for row in counts]) for n, view in enumerate(views)]
    wanted = np.eye(len(classes), dtype=np.float32)[truth]
    mean = wanted.mean(axis=0)
    usual = None if extra is None else (extra.mean(axis=0), extra.std(axis=0) + 1e-6)
    extra = None if usual is None else _evened(extra, usual)
    penalty = PENALTY if len(classes) <= FEW else PENALTY_OF_MANY
    alpha, left_out = _solve(_alike([(row, row) for row in rows], extra, extra), wanted - mean, penalty)
    made = Machine(tuple(map(str, classes)), views, rows, extra, alpha)
    made.mean, made.usual = mean, usual
    _learn_from_left_out(made, left_out + mean, truth, metric)
    return made


def _alike(pairs: Sequence[tuple[csr_matrix, csr_matrix]], extra: Any, other: Any) -> Any:
    """How alike: half the sum of the views, half a Gaussian of it."""
    total: Any = sum(
        share * np.asarray((a @ b.T).todense(), np.float32)
        for share, (a, b) in zip(SHARES, pairs, strict=True)
    )
    if extra is not None:
        total += np.float32(1 - sum(SHARES)) * _near(extra, other)
    else:
        total /= np.float32(sum(SHARES))
    return (total + np.exp(2 * total - 2)) / 2


def _evened(extra: Any, usual: tuple[Any, Any]) -> Any:
    """Further numbers by how far they lie from what was usual in learning."""
    return ((extra - usual[0]) / usual[1]).astype(np.float32)


def _near(a: Any, b: Any) -> Any:
    apart = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None] - 2 * a @ b.T
    return np.exp(-0.5 * apart / a.shape[1]).astype(np.float32)


def _solve(alike: Any, wanted: Any, penalty: float) -> tuple[Any, Any]:
    """The weights, and what each row would be given by a fit without it."""
    alike[np.diag_indices_from(alike)] += penalty
    lower, failed = lapack.spotrf(alike, lower=1, overwrite_a=1, clean=1)
    assert not failed, "a kernel with a ridge is positive definite"
    alpha, _ = lapack.spotrs(lower, wanted.astype(np.float32), lower=1)
    inverse, _ = lapack.strtri(lower, lower=1, overwrite_c=1)
    diagonal = np.einsum("ij,ij->j", inverse, inverse)
    return alpha, wanted - alpha / diagonal[:, None]


def _learn_from_left_out(made: Machine, scores: Any, truth: Any, metric: str) -> None:
    """Calibration and border, from rows the fit has not seen."""
    rows = np.arange(len(truth))

    def loss(setting: Any) -> float:
        return float(-np.log(_chances(scores, np.exp(setting[0]), setting[1])[rows, truth] + 1e-9).mean())

    best: Any = minimize(loss, np.array([1.5, 0.0]), method="Nelder-Mead", options={"maxiter": 200})
    made.heat, made.shift = float(np.exp(best.x[0])), float(best.x[1])
    if len(made.classes) == 2:
        made.border = _border(scores[:, 1] - scores[:, 0], truth, metric)


def _border(margin: Any, truth: Any, metric: str) -> float:
    """The middle of the borders that are as good as the best, but for a row in five hundred."""
    borders = np.unique(np.quantile(margin, np.linspace(0.005, 0.995, 397)))
    grades = np.array([grade(truth, (margin > border).astype(int), metric) for border in borders])
    return float(np.median(borders[grades >= grades.max() - 0.002]))


def _chances(scores: Any, heat: float, shift: float) -> Any:
    logits = scores * heat
    if scores.shape[1] == 2:
        logits = logits + np.array([0.0, shift])
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)


def grade(truth: Any, said: Any, metric: str) -> float:
    """How good the decisions are: ``accuracy``, ``f1`` of class 1, or ``macro_f1`` of 0 and 1."""
    if metric == "accuracy":
        return float((truth == said).mean())
    ones = _f1(truth == 1, said == 1)
    return ones if metric == "f1" else (ones + _f1(truth == 0, said == 0)) / 2


def _f1(truth: Any, said: Any) -> float:
    return 2 * float((truth & said).sum()) / max(1.0, float(truth.sum() + said.sum()))
