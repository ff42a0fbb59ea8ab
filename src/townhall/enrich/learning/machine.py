"""What learns from labelled texts: for two classes a kernel ridge regression and a logistic one beside it, else margins or a ridge.

All say how likely each class is by about the same measure; a sum is better than either. Chances, borders and every other
choice come from rows that a fit has not seen.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from msgspec import Struct
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

from townhall.enrich.learning import logistic, ridge, ways
from townhall.enrich.learning.company import Company
from townhall.enrich.learning.grades import border, outside_border
from townhall.enrich.learning.logistic import Logistic
from townhall.enrich.learning.views import Block, Hashed, View, hashed
from townhall.kernel.errors import Refused

_BESIDE = "beside it logistic regression"
MOST_ROWS = 20_000
"""More rows than this need more memory than a small machine has (8 bytes a pair)."""
_EXTRA = np.float32(0.1)
"""How much further numbers weigh in the logistic regression, where rows are of length one."""


class Machine:
    """A fitted model. ``scores`` are near 1 for the class meant and near 0 for the others; ``chances`` are calibrated."""

    def __init__(
        self,
        classes: tuple[str, ...],
        views: list[View],
        company: Company | None,
        rows: csr_matrix,
        alpha: Any,
    ) -> None:
        """``rows`` are those learnt from, all views side by side; ``alpha`` their weights (rows, classes)."""
        self.classes, self.views, self.company, self.rows, self.alpha = classes, views, company, rows, alpha
        self.offset: Any = np.zeros(len(classes))
        self.squared = 0.0
        self.further: Further | None = None
        self.linear: Logistic | None = None
        self.heat, self.shift, self.border = 1.0, 0.0, 0.5
        self.outside = -1
        self.kind = ""
        """After a fit: how it was learnt. Not kept in a file; its card says it."""

    @cached_property
    def _known(self) -> ridge.Known:
        return ridge.Known(self.rows)

    def scores(self, texts: Sequence[str], extra: Any = None) -> Any:
        """(texts, classes)."""
        return self.scores_of(hashed(texts), extra)

    def scores_of(self, blocks: Hashed, extra: Any = None) -> Any:
        """As ``scores``, for texts hashed already."""
        more = None if self.further is None else self.further.evened(extra)
        rows = _seen(self.views, self.company, blocks, more)
        plain = ridge.alike(rows, self._known, more, None if self.further is None else self.further.learnt)
        scores = ridge.bent(plain, self.squared) @ self.alpha + self.offset
        if self.linear is None:
            return scores
        return (scores + self.linear.chances(_with(rows, more))) / 2

    def chances(self, scores: Any) -> Any:
        """Probabilities (rows sum to one)."""
        return _chances(scores, self.heat, self.shift)

    def decide(self, scores: Any) -> Any:
        """The number of the class of each row; for two classes, and for what is outside, by the border found in learning."""
        if len(self.classes) == 2:
            return (scores[:, 1] - scores[:, 0] > self.border).astype(int)
        if self.outside < 0:
            return scores.argmax(axis=1)
        others = scores.copy()
        others[:, self.outside] = -np.inf
        return np.where(
            scores[:, self.outside] - others.max(axis=1) > self.border, self.outside, others.argmax(axis=1)
        )


class Further(Struct, frozen=True):
    """Numbers beside the text: what is usual of them (mean, spread), and those of the rows learnt from."""

    usual: Any
    spread: Any
    learnt: Any

    def evened(self, extra: Any) -> Any:
        """By how far they lie from what was usual in learning."""
        return ((extra - self.usual) / self.spread).astype(np.float32)


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    extra: Any = None,
    metric: str = "accuracy",
    outside: str = "",
    posts: Block | None = None,
) -> Machine:
    """Learns from the texts. ``extra`` are (texts, k) further numbers; ``metric`` is what the border of two classes is drawn
    for: ``accuracy``, ``f1`` (of the second class in order of name) or ``macro_f1``. ``outside`` is the label, among three
    or more, of what belongs to none of the others. ``posts`` are the words in order of posts of
    the same kind that nobody has labelled: they teach which words are used alike.

    Raises ``Refused`` with fewer than two classes or more than ``MOST_ROWS`` texts.
    """
    return fit_blocks(hashed(texts), labels, extra, metric, outside, posts)


def fit_blocks(
    blocks: Hashed,
    labels: Sequence[str],
    extra: Any = None,
    metric: str = "accuracy",
    outside: str = "",
    posts: Block | None = None,
) -> Machine:
    """As ``fit``, for texts hashed already."""
    classes, truth = np.unique(np.asarray(labels), return_inverse=True)
    if len(classes) < 2 or len(truth) > MOST_ROWS:
        raise Refused(
            f"learning wants two classes or more and at most {MOST_ROWS} rows, not {len(classes)} and {len(truth)}"
        )
    views = [View.learn(block) for block in blocks.views]
    company = None if posts is None else Company.learn(blocks.words, posts)
    further = _further(extra)
    more = None if further is None else further.learnt
    rows = _seen(views, company, blocks, more)
    wanted = np.eye(len(classes), dtype=np.float32)[truth]
    plain = ridge.alike(rows, ridge.Known(rows), more, more)
    taught = (ways.of_two if len(classes) == 2 else ways.of_more)(plain, wanted, truth, metric)
    made = Machine(tuple(map(str, classes)), views, company, rows, taught.weights)
    made.offset, made.squared, made.further, made.kind = taught.offset, taught.squared, further, taught.kind
    found, seen = taught.left.scores, taught.left.rows
    if len(classes) == 2:
        whole = _with(rows, more)
        made.linear, made.kind = logistic.learn(whole, truth), f"{taught.kind}, {_BESIDE}"
        found = (found + logistic.left_out(whole, truth)[seen]) / 2
    _learn_from_left_out(made, found, truth[seen], metric, outside)
    return made


def _seen(views: list[View], company: Company | None, blocks: Hashed, more: Any) -> csr_matrix:
    found = [view.weigh(block) for view, block in zip(views, blocks.views, strict=True)]
    return ridge.side_by_side(found, more, None if company is None else company.weigh(blocks.words))


def _further(extra: Any) -> Further | None:
    if extra is None:
        return None
    usual, spread = extra.mean(axis=0), extra.std(axis=0) + 1e-6
    return Further(usual, spread, ((extra - usual) / spread).astype(np.float32))


def _with(rows: csr_matrix, more: Any) -> csr_matrix:
    return rows if more is None else csr_matrix(hstack([rows, csr_matrix(more * _EXTRA)], format="csr"))


def _learn_from_left_out(made: Machine, scores: Any, truth: Any, metric: str, outside: str) -> None:
    """Calibration and border, from rows the fit has not seen.

    A few rows that all come out right are no proof of certainty: truth counts as a little less than one (Platt, 1999).
    """
    count, classes = scores.shape
    doubt = 1 / (count / classes + 2)
    wanted = np.full(scores.shape, doubt / (classes - 1))
    wanted[np.arange(count), truth] = 1 - doubt

    def loss(setting: Any) -> float:
        return float(
            -(wanted * np.log(_chances(scores, np.exp(setting[0]), setting[1]) + 1e-9)).sum() / count
        )

    best: Any = minimize(loss, np.array([1.5, 0.0]), method="Nelder-Mead", options={"maxiter": 200})
    made.heat, made.shift = float(np.exp(best.x[0])), float(best.x[1])
    if len(made.classes) == 2:
        made.border = border(scores[:, 1] - scores[:, 0], truth, metric)
    elif outside in made.classes:
        made.outside = made.classes.index(outside)
        made.border = outside_border(scores, truth, made.outside)


def _chances(scores: Any, heat: float, shift: float) -> Any:
    logits = scores * heat
    if scores.shape[1] == 2:
        logits = logits + np.array([0.0, shift])
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)
