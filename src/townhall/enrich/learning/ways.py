"""How classes are told apart: two by a ridge, more with margins or by a ridge, as rows say that were left out of those learnt from."""

from typing import Any

import numpy as np
from msgspec import Struct

from townhall.enrich.learning import margins, ridge
from townhall.enrich.learning.grades import best_grade

_RIDGE, _MARGINS = "kernel ridge regression", "linear margins of each class against all others"
_BIAS = np.float32(0.5)
"""How alike any two texts are beside what they say, for margins: what a class scores without evidence is learnt with the rest."""
PARTS, ENOUGH = 3, 3_000
"""Of so many parts of the rows one after the other is left out, until so many rows have been."""


class Way(Struct, frozen=True):
    """``margins``: a machine with margins, else a ridge; ``squared`` and ``penalty`` as in ``ridge.Bend``."""

    margins: bool
    squared: float
    penalty: float

    @property
    def kind(self) -> str:
        """Its name on a card."""
        return _MARGINS if self.margins else _RIDGE

    def weights(self, plain: Any, wanted: Any) -> Any:
        """Those of the rows, for their kernel not yet bent. ``wanted`` is 1 for a row's class, else 0."""
        if self.margins:
            return margins.solve(ridge.bent(plain, self.squared) + _BIAS, wanted, self.penalty)
        lower = ridge.factor(ridge.bent(plain, self.squared), self.penalty)
        return ridge.solved(lower, wanted - wanted.mean(axis=0))

    def offset(self, weights: Any, wanted: Any) -> Any:
        """What each class scores by these weights for a text unlike every row."""
        usual = wanted.mean(axis=0)
        return usual + _BIAS * weights.sum(axis=0) if self.margins else usual


WAYS = (Way(True, 0.0, 0.1), Way(True, 0.0, 0.3), Way(False, 0.5, 0.1))
"""What is tried. Plain products suffice for margins; a ridge is better off with some of their square."""


class Left(Struct, frozen=True):
    """``rows`` left out of a fit, in their order, and the ``scores`` that it gave them."""

    rows: Any
    scores: Any


class Taught(Struct, frozen=True):
    """The ``weights`` of the rows, with a kernel so much ``squared``; the ``offset`` that goes with their scores, a number for
    each class; its ``kind`` for a card; what is said of rows ``left`` out."""

    weights: Any
    squared: float
    offset: Any
    kind: str
    left: Left


def of_two(plain: Any, wanted: Any, truth: Any, metric: str) -> Taught:
    """A ridge; each row is left out by the formula."""
    bend, mean = ridge.choose(plain, wanted, truth, metric), wanted.mean(axis=0)
    weights, scores = ridge.solve(ridge.bent(plain, bend.squared), wanted - mean, bend.penalty)
    return Taught(weights, bend.squared, mean, _RIDGE, Left(np.arange(len(truth)), scores + mean))


def of_more(plain: Any, wanted: Any, truth: Any, metric: str) -> Taught:
    """By the way that is best on rows left out."""
    way, left = choose(plain, wanted, truth, metric)
    weights = way.weights(plain, wanted)
    return Taught(weights, way.squared, way.offset(weights, wanted), way.kind, left)


def choose(plain: Any, wanted: Any, truth: Any, metric: str) -> tuple[Way, Left]:
    """The way that is best on rows left out, of equals the first, and what it made of them."""
    tried = [(way, left_out(way, plain, wanted)) for way in WAYS]
    return max(tried, key=lambda one: best_grade(one[1].scores, truth[one[1].rows], metric))


def left_out(way: Way, plain: Any, wanted: Any) -> Left:
    """Rows judged by fits to the others; the same rows for every way."""
    part = np.random.default_rng(20250101).permutation(len(wanted)) % PARTS
    left: list[Left] = []
    for n in range(PARTS):
        if sum(len(one.rows) for one in left) < ENOUGH:
            left.append(_without(way, plain, wanted, part == n))
    rows = np.concatenate([one.rows for one in left])
    order = np.argsort(rows)
    return Left(rows[order], np.concatenate([one.scores for one in left])[order])


def _without(way: Way, plain: Any, wanted: Any, asked: Any) -> Left:
    learn, ask = np.flatnonzero(~asked), np.flatnonzero(asked)
    found = way.weights(plain[np.ix_(learn, learn)], wanted[learn])
    alike = ridge.bent(plain[np.ix_(ask, learn)], way.squared)
    return Left(ask, alike @ found + way.offset(found, wanted[learn]))
