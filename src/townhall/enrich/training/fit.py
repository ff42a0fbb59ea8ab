"""Fitting: logistic regression on the columns that the reader uses, calibrated on rows kept out of the fit.

scikit-learn is used here and nowhere else. Calibration is one temperature and, for two classes, an offset; both
are folded into the weights, so that at run time a score is a logit and nothing more.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression

from townhall.enrich.logic.features import SIZE, count_rows, gram_rows, name_of
from townhall.enrich.logic.lexicon import Lexicon, Weights
from townhall.enrich.logic.reading import feature_blocks

_NOTHING = np.zeros((SIZE, 0), np.float32)
_NO_WEIGHTS = Weights(_NOTHING, _NOTHING, _NOTHING, np.zeros(0, np.float32), {})


def columns(texts: Sequence[str]) -> csr_matrix:
    """The texts as rows of word, letter and pair columns, scaled as the reader scales them."""
    lexicon = Lexicon(_NO_WEIGHTS, 0.0)
    row, text, pair, owner = feature_blocks(lexicon, texts)
    words = count_rows((lexicon.hashes[row] & np.uint32(SIZE - 1)).astype(np.int32), text, len(texts), SIZE)
    names = [name_of(token) for token in lexicon.names]
    letters = count_rows(row, text, len(texts), len(names)) @ gram_rows(names)
    pairs = count_rows(pair, owner, len(texts), SIZE)
    length = np.sqrt(np.maximum(np.bincount(text, minlength=len(texts)), 1))
    return csr_matrix(diags(1 / length) @ hstack([words, letters, pairs]))


class Fit:
    """A fitted head: ``weights`` (3·SIZE, k) and ``bias`` (k); k is 1 for two classes."""

    def __init__(self, weights: np.ndarray, bias: np.ndarray, classes: Sequence[str]) -> None:
        self.weights, self.bias, self.classes = weights, bias, tuple(classes)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, classes) probabilities; two classes give both columns."""
        logits = columns(texts) @ self.weights + self.bias
        return softmax(np.hstack([np.zeros_like(logits), logits]) if logits.shape[1] == 1 else logits)

    def arrays(self) -> dict[str, np.ndarray]:
        """What is shipped: half precision, the smallest weights dropped so that the file packs well."""
        kept = np.where(np.abs(self.weights) < 0.02 * self.weights.std(), 0, self.weights).astype(np.float16)
        words, letters, pairs = np.split(kept, 3)
        return {"words": words, "letters": letters, "pairs": pairs, "bias": self.bias.astype(np.float32)}


def softmax(logits: np.ndarray) -> np.ndarray:
    """Rows of logits as probabilities."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    strength: float,
    weight: Sequence[float] | None = None,
    balanced: bool = False,
) -> Fit:
    """The head for these labels. ``strength`` is the inverse of the L2 penalty; a tenth of the rows calibrates."""
    x, y = columns(texts), np.array(labels)
    share = np.ones(len(y)) if weight is None else np.array(weight, float)
    held = np.random.default_rng(20250101).random(len(y)) < 0.1
    model = LogisticRegression(
        C=strength, max_iter=300, tol=1e-3, class_weight="balanced" if balanced else None
    )
    model.fit(x[~held], y[~held], sample_weight=share[~held])
    made = Fit(model.coef_.T, model.intercept_, [str(c) for c in model.classes_])
    _calibrate(made, x[held], np.searchsorted(model.classes_, y[held]), share[held])
    return made


def _calibrate(made: Fit, x: csr_matrix, truth: np.ndarray, share: np.ndarray) -> None:
    logits = x @ made.weights + made.bias
    two = logits.shape[1] == 1

    def loss(setting: np.ndarray) -> float:
        scaled = logits * np.exp(setting[0]) + (setting[1] if two else 0)
        chances = softmax(np.hstack([np.zeros_like(scaled), scaled]) if two else scaled)
        return float(-(share * np.log(chances[np.arange(len(truth)), truth] + 1e-9)).sum() / share.sum())

    best: Any = minimize(loss, np.zeros(2), method="Nelder-Mead")
    made.weights = made.weights * np.exp(best.x[0])
    made.bias = made.bias * np.exp(best.x[0]) + (best.x[1] if two else 0)
