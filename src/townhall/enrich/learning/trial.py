"""A model tried on rows it has not seen: cross-validation, with every choice made inside the rows learnt from."""

import time
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from msgspec import Struct

from townhall.enrich.learning.machine import fit_blocks
from townhall.enrich.learning.views import Block, Hashed, hashed


class Examples:
    """Labelled texts, hashed once for all folds, when the first is judged. ``extra`` are (texts, k) further numbers; ``metric`` and ``outside``
    as in ``fit``; ``posts`` are the words in order of posts of the same kind that nobody has labelled."""

    def __init__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        extra: Any = None,
        metric: str = "accuracy",
        outside: str = "",
        posts: Block | None = None,
    ) -> None:
        self.texts, self.extra, self.metric, self.outside = list(texts), extra, metric, outside
        self.posts = posts
        self.classes, self.truth = np.unique(np.asarray(labels), return_inverse=True)

    @cached_property
    def _blocks(self) -> Hashed:
        return hashed(self.texts)

    def judge_fold(self, fold: int, folds: int) -> "Judged":
        """The rows of one fold, judged by a model that learnt from the others. Texts that repeat stay in one fold."""
        part = folds_of(self.texts, folds)
        learn, ask = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        labels = self.classes[self.truth[learn]].tolist()
        blocks = self._blocks.some(learn)
        begun = time.process_time()
        made = fit_blocks(blocks, labels, _some(self.extra, learn), self.metric, self.outside, self.posts)
        began = time.process_time()
        scores = made.scores([self.texts[int(i)] for i in ask], _some(self.extra, ask))
        seconds = time.process_time() - began
        places = np.searchsorted(self.classes, made.classes)
        chances = np.zeros((len(ask), len(self.classes)))
        chances[:, places] = made.chances(scores)
        return Judged(ask, places[made.decide(scores)], chances, seconds, began - begun)

    def trial(self, folds: Iterable["Judged"]) -> "Trial":
        """The folds put together; each row stands in exactly one of them."""
        said = np.zeros(len(self.truth), int)
        chances = np.zeros((len(self.truth), len(self.classes)))
        asked = 0.0
        for one in folds:
            said[one.rows], chances[one.rows] = one.said, one.chances
            asked += one.seconds
        classes = tuple(map(str, self.classes))
        return Trial(classes, self.truth, said, chances, asked * 1e6 / max(1, len(self.texts)))


class Judged(Struct, frozen=True):
    """One fold: the places of its rows, the class said of each, their chances; ``seconds`` of processor time to say it,
    ``learning`` to learn it."""

    rows: Any
    said: Any
    chances: Any
    seconds: float
    learning: float


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
    posts: Block | None = None,
) -> Trial:
    """Each row judged by a model that learnt from the other folds, fold after fold."""
    examples = Examples(texts, labels, extra, metric, posts=posts)
    return examples.trial(examples.judge_fold(fold, folds) for fold in range(folds))


def folds_of(texts: Sequence[str], folds: int) -> Any:
    """The fold of each text, drawn the same way every time; a text that repeats stays in one."""
    names = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    drawn = np.random.default_rng(20250101).permutation(len(names)) % folds
    return drawn[[names[text] for text in texts]]


def _some(extra: Any, rows: Any) -> Any:
    return None if extra is None else extra[rows]
