"""Linear machines with margins, one class against all others: rows that lie far enough on their side move nothing.

Where there are many classes a ridge pulls back the many rows that are plainly not of a class, and so blurs the few that
nearly are. Here a row of the class is to score 1 or more, any other 0 or less, and only what is missing counts, squared
(Chapelle, "Training a Support Vector Machine in the Primal", 2007). It needs the ridge's kernel and factor and gives
weights of the same shape. First conjugate gradients for all classes at once, measured by the ridge; then, for each class,
the exact weights of the rows that still lack something. Nothing is drawn: the same rows give the same bytes.
"""

from typing import Any

import numpy as np

from townhall.enrich.learning import ridge

STEPS, EXACT = 6, 2
"""Of conjugate gradients for all classes; then of Newton for each."""
_ALONG = 3
"""Newton's steps along one way, where the loss is squared between kinks."""
_MOST_KEPT, _FARTHEST = np.float32(2), np.float32(20)
"""Of a way before, and along a way: where nothing is missing any more, what is left is rounding."""
_NONE = np.float32(1e-10)


def solve(kernel: Any, wanted: Any, penalty: float) -> Any:
    """The weights (rows, classes). ``wanted`` is 1 for a row's class, else 0. With ``kernel @ weights`` goes the mean of ``wanted``,
    which is what a text unlike every row scores."""
    usual = wanted.mean(axis=0) * 2 - 1
    sides = (wanted * 2 - 1).astype(np.float32)
    weights, scores = _descended(ridge.factor(kernel.copy(), penalty), sides, usual, penalty)
    loss = _loss(weights, scores, sides, usual, penalty)
    for _ in range(EXACT):
        tried = _exact(kernel, scores, sides, usual, penalty)
        told = kernel @ tried + usual
        less = (found := _loss(tried, told, sides, usual, penalty)) < loss
        weights, scores, loss = (
            np.where(less, *both) for both in ((tried, weights), (told, scores), (found, loss))
        )
    return weights / 2


def _descended(lower: Any, sides: Any, usual: Any, penalty: float) -> tuple[Any, Any]:
    """Weights near the best, and the scores by them, from those of the ridge on (Polak and Ribière)."""
    weights = ridge.solved(lower, sides - usual)
    scores = sides - penalty * weights
    way = far = before = np.zeros_like(weights)
    fell = np.zeros(weights.shape[1], np.float32)
    for _ in range(STEPS):
        missed = penalty * weights + scores - _nearest(scores, sides)
        step = ridge.solved(lower, missed)
        moved = missed - penalty * step
        keep = _kept(missed - before, moved, fell)
        way, far = keep * way - step, keep * far - moved
        length = _length(weights, scores, way, far, sides, penalty)
        weights, scores = weights + length * way, scores + length * far
        before, fell = missed, (missed * moved).sum(axis=0)
    return weights, scores


def _kept(turned: Any, moved: Any, fell: Any) -> Any:
    """How much of the way before is kept."""
    return np.clip((turned * moved).sum(axis=0) / np.maximum(fell, _NONE), 0, _MOST_KEPT)


def _nearest(scores: Any, sides: Any) -> Any:
    """The nearest scores that lack nothing."""
    return np.where(sides * scores < 1, sides, scores)


def _length(weights: Any, scores: Any, way: Any, far: Any, sides: Any, penalty: float) -> Any:
    """How far along its way each class loses least."""
    found = np.zeros(scores.shape[1], np.float32)
    slope, bow = penalty * (weights * far).sum(axis=0), penalty * (way * far).sum(axis=0)
    for _ in range(_ALONG):
        there = scores + found * far
        lacking = np.where(sides * there < 1, far, 0)
        down = slope + found * bow + ((there - sides) * lacking).sum(axis=0)
        curve = bow + (lacking * lacking).sum(axis=0)
        found = np.where(curve > _NONE, np.clip(found - down / np.maximum(curve, _NONE), 0, _FARTHEST), found)
    return found


def _exact(kernel: Any, scores: Any, sides: Any, usual: Any, penalty: float) -> Any:
    """The best weights, were those that lack something by now the only ones to do so."""
    weights = np.zeros_like(sides)
    for one in range(sides.shape[1]):
        lack = np.flatnonzero(sides[:, one] * scores[:, one] < 1)
        if lack.size:
            lower = ridge.factor(kernel[np.ix_(lack, lack)], penalty)
            weights[lack, one] = ridge.solved(lower, sides[lack, one] - usual[one])
    return weights


def _loss(weights: Any, scores: Any, sides: Any, usual: Any, penalty: float) -> Any:
    """Of each class: what is missing, squared, and the penalty of the weights."""
    missing = np.where(sides * scores < 1, sides - scores, 0)
    return (missing * missing).sum(axis=0) + penalty * (weights * (scores - usual)).sum(axis=0)
