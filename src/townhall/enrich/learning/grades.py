"""How good decisions are, and where a border between two classes is best drawn."""

from typing import Any

import numpy as np

LOST = 1_000
"""One right answer in so many may be lost for seeing what is outside."""


def grade(truth: Any, said: Any, metric: str) -> float:
    """How good the decisions are: ``accuracy``, ``f1`` of class 1, or ``macro_f1`` of 0 and 1."""
    if metric == "accuracy":
        return float((truth == said).mean())
    ones = _f1(truth == 1, said == 1)
    return ones if metric == "f1" else (ones + _f1(truth == 0, said == 0)) / 2


def _f1(truth: Any, said: Any) -> float:
    return 2 * float((truth & said).sum()) / max(1.0, float(truth.sum() + said.sum()))


def border(margin: Any, truth: Any, metric: str) -> float:
    """The middle of the borders that are as good as the best, but for a row in five hundred."""
    borders, grades = _tried(margin, truth, metric)
    return float(np.median(borders[grades >= grades.max() - 0.002]))


def best_grade(scores: Any, truth: Any, metric: str) -> float:
    """Of the highest score; with two classes of the best border between them."""
    if scores.shape[1] > 2:
        return grade(truth, scores.argmax(axis=1), metric)
    return float(_tried(scores[:, 1] - scores[:, 0], truth, metric)[1].max())


def _tried(margin: Any, truth: Any, metric: str) -> tuple[Any, Any]:
    borders = np.unique(np.quantile(margin, np.linspace(0.005, 0.995, 397)))
    return borders, np.array([grade(truth, (margin > one).astype(int), metric) for one in borders])


def outside_border(scores: Any, truth: Any, place: int) -> float:
    """How far the score of "none of these" (at ``place``) must lie above the best other: the lowest border that costs at
    most one right answer in ``LOST`` among rows that do belong to a class."""
    others = scores.copy()
    others[:, place] = -np.inf
    margin = scores[:, place] - others.max(axis=1)
    inside = truth != place
    right = np.sort(margin[inside & (others.argmax(axis=1) == truth)])
    if not right.size:
        return 0.0
    return float(right[max(0, right.size - 1 - right.size // LOST)])
