"""Logistic regression of two classes on sparse rows: sums up evidence without the ridge's squared error."""

from typing import Any

import numpy as np
from msgspec import Struct
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

PENALTY = 0.1
"""Of the squared weights, halved; rows are of length one."""
STEPS, INNER = 60, 3
"""Steps of L-BFGS, and the folds whose rows are judged by a fit that has not seen them."""


class Logistic(Struct, frozen=True):
    """``columns`` are those of the rows that are weighed, ``weights`` (columns + 1, 2) with the bias last."""

    columns: Any
    weights: Any

    def chances(self, rows: csr_matrix) -> Any:
        """(rows, 2), each row summing to one."""
        return _softmax(rows[:, self.columns] @ self.weights[:-1] + self.weights[-1])


def learn(rows: csr_matrix, truth: Any) -> Logistic:
    """Fits. Columns of a single row are left out: they say nothing of others."""
    columns = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]) > 1)
    kept = csr_matrix(rows[:, columns])
    turned = csr_matrix(kept.T)
    wanted = np.eye(2, dtype=np.float32)[truth]
    shape = (len(columns) + 1, 2)

    def loss(flat: Any) -> tuple[float, Any]:
        weights = flat.astype(np.float32).reshape(shape)
        likely = _softmax(kept @ weights[:-1] + weights[-1])
        missed = likely - wanted
        slope = np.vstack([turned @ missed + PENALTY * weights[:-1], missed.sum(axis=0)])
        cost = (
            -np.log(likely[np.arange(len(truth)), truth] + 1e-12).sum()
            + PENALTY / 2 * (weights[:-1] ** 2).sum()
        )
        return float(cost), slope.ravel().astype(float)

    start = np.zeros(shape[0] * 2)
    found: Any = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 6})
    return Logistic(columns, found.x.reshape(shape).astype(np.float32))


def left_out(rows: csr_matrix, truth: Any) -> Any:
    """The chances of each row by a fit without its fold."""
    fold = np.random.default_rng(20250101).permutation(len(truth)) % INNER
    found = np.zeros((len(truth), 2), np.float32)
    for n in range(INNER):
        found[fold == n] = learn(rows[fold != n], truth[fold != n]).chances(rows[fold == n])
    return found


def _softmax(scores: Any) -> Any:
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)
