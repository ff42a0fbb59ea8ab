"""Learning from labelled posts: what it says of rows it has not seen is what a fit without them would say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.enrich.learning import cross_validate, fit
from townhall.enrich.learning.machine import PENALTY, _solve, grade
from townhall.enrich.learning.trial import _folds
from townhall.kernel.errors import Refused

_GOOD = [
    "my parcel came today, lovely",
    "thank you, that works",
    "great service, thanks a lot",
    "I love the new app",
]
_BAD = [
    "my parcel is lost again",
    "the app crashes all day",
    "nobody answers, I am angry",
    "charged twice, give it back",
]
_TEXTS = [f"{text} {n}" for n in range(5) for text in _GOOD + _BAD]
_LABELS = ["good" if n % 8 < 4 else "poor" for n in range(40)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_leaving_out_by_the_formula_is_leaving_out(seed: int) -> None:
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(12, 5)).astype(np.float32)
    alike, wanted = points @ points.T, chance.normal(size=(12, 2)).astype(np.float32)
    _, left_out = _solve(alike.copy(), wanted, PENALTY)
    for row in range(12):
        kept = np.arange(12) != row
        ridge = alike[np.ix_(kept, kept)] + PENALTY * np.eye(11)
        alone = alike[row, kept] @ np.linalg.solve(ridge, wanted[kept])
        assert np.allclose(alone, left_out[row], atol=2e-3)


def test_a_model_learns_says_how_sure_it_is_and_is_the_same_again() -> None:
    first, again = (fit(_TEXTS, _LABELS, metric="f1") for _ in range(2))
    asked = ["thanks, lovely service", "it crashes and nobody answers"]
    scores = first.scores(asked)
    assert [first.classes[n] for n in first.decide(scores)] == ["good", "poor"]
    assert np.allclose(first.chances(scores).sum(axis=1), 1) and np.array_equal(scores, again.scores(asked))


def test_a_text_says_nothing_about_the_others_asked_with_it() -> None:
    made = fit(_TEXTS, _LABELS)
    assert np.allclose(made.scores(["thank you"]), made.scores(["thank you", "my parcel", ""])[:1], atol=1e-6)


def test_texts_that_repeat_stay_in_one_fold() -> None:
    part = _folds(["a", "b", "a", "c", "a", "b"], 3)
    assert part[0] == part[2] == part[4] and part[1] == part[5]


def test_labels_without_meaning_cannot_be_learnt() -> None:
    """A fit that saw the rows it is tried on would know them by heart."""
    labels = ["yes" if chance else "no" for chance in np.random.default_rng(3).random(200) < 0.5]
    trial = cross_validate([f"word{n} other{n * 7}" for n in range(200)], labels, folds=5)
    assert abs(grade(trial.truth, trial.said, "accuracy") - 0.5) < 0.15


@pytest.mark.parametrize("labels", [["a", "a"], []])
def test_one_class_is_refused(labels: list[str]) -> None:
    with pytest.raises(Refused, match="two classes"):
        fit(["x"] * len(labels), labels)
