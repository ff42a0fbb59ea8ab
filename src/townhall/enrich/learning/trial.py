"""A model tried on rows it has not seen: cross-validation, with every choice made inside the rows learnt from."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from townhall.enrich.learning.machine import fit_counts
from townhall.enrich.learning.views import hashed


class Trial(Struct, frozen=True):
    """What came out. Arrays by row, in the order given; ``us`` is microseconds of processor time a text when asked."""

    classes: tuple[str, ...]
    truth: Any
    said: Any
    chances: Any
    us: float


def cross_validate(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    extra: Any = None,
    metric: str = "accuracy",
    folds: int = 5,
) -> Trial:
    """Each row judged by a model that learnt from the other folds. Texts that repeat stay in one fold."""
    counts = hashed(texts)
    classes, truth = np.unique(np.asarray(labels), return_inverse=True)
    part = _folds(texts, folds)
    said = np.zeros(len(truth), int)
    chances = np.zeros((len(truth), len(classes)))
    asked = 0.0
    for fold in range(folds):
        learn, ask = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        made = fit_counts(
            [counts[i] for i in learn], [str(classes[truth[i]]) for i in learn], _some(extra, learn), metric
        )
        began = time.process_time()
        scores = made.scores([texts[int(i)] for i in ask], _some(extra, ask))
        asked += time.process_time() - began
        places = np.searchsorted(classes, made.classes)
        said[ask] = places[made.decide(scores)]
        chances[np.ix_(ask, places)] = made.chances(scores)
    return Trial(tuple(map(str, classes)), truth, said, chances, asked * 1e6 / max(1, len(texts)))


def _folds(texts: Sequence[str], folds: int) -> Any:
    names = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    drawn = np.random.default_rng(20250101).permutation(len(names)) % folds
    return drawn[[names[text] for text in texts]]


def _some(extra: Any, rows: Any) -> Any:
    return None if extra is None else extra[rows]
