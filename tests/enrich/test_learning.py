"""Learning from labelled posts: what it says of rows it has not seen is what a fit without them would say."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from townhall.enrich.learning import cross_validate, fit, logistic
from townhall.enrich.learning.grades import LOST, grade, outside_border
from townhall.enrich.learning.ridge import USUAL, Known, solve
from townhall.enrich.learning.trial import folds_of
from townhall.enrich.learning.views import hashed
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
    _, left_out = solve(alike.copy(), wanted, USUAL)
    for row in range(12):
        kept = np.arange(12) != row
        ridge = alike[np.ix_(kept, kept)] + USUAL * np.eye(11)
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
    part = folds_of(["a", "b", "a", "c", "a", "b"], 3)
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


def tokens(text: str) -> list[str]:
    lowered = re.sub(r"(.)\1{2,}", r"\1\1", re.sub(r"https?://\S+|www\.\S+", " ~url ", text.lower()))
    return ["00000"[: len(t)] if t.isdigit() else t for t in re.findall(r"[#@]?\w[\w']*|[^\w\s]", lowered)]


def slow_features(text: str) -> list[Counter[str]]:
    """The three views, said plainly and one after the other."""
    line = tokens(text)
    words = Counter(" ".join(line[i : i + n]) for n in (1, 2, 3) for i in range(len(line) - n + 1))
    left = 0
    for token in line:
        if token in ("not", "no", "never", "cannot", "without", "nothing", "nobody") or token[-3:] == "n't":
            left = 4
        elif left and token[0].isalpha():
            words["\0" + token] += 1
            left -= 1
        elif token in ".!?,;":
            left = 0
    letters = Counter(f"<{t}>"[i : i + n] for t in line for n in (2, 3, 4, 5) for i in range(len(t) + 3 - n))
    stems = [t[:5] for t in line if t[0].isalnum() and t not in ("the", "my", "is", "to", "you")]
    pairs = ["+".join(sorted((stems[i], one))) for i in range(len(stems)) for one in stems[i + 1 : i + 4]]
    return [words, letters, Counter(stems + pairs)]


_SAID = st.lists(
    st.sampled_from(
        [
            "my",
            "the",
            "parcel",
            "parcels",
            "is",
            "not",
            "late",
            "lateness",
            "!!!",
            ",",
            ".",
            "#fail",
            "@us",
            "doesn't",
            "work",
            "12",
            "1234567",
            "sooooo",
            "https://t.co/x",
            "ça",
            "🙂",
        ]
    ),
    max_size=9,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(_SAID, min_size=1, max_size=6))
def test_features_found_all_at_once_are_those_of_each_text(texts: list[str]) -> None:
    slow = [slow_features(text) for text in texts]
    whole = hashed(texts)
    in_order = whole.words
    assert in_order.sizes.tolist() == [len(tokens(text)) for text in texts]
    marks = dict(
        zip((word for text in texts for word in tokens(text)), in_order.hashes.tolist(), strict=True)
    )
    assert len(set(marks.values())) == len(marks)
    assert in_order.hashes.tolist() == [marks[word] for text in texts for word in tokens(text)]
    for n, block in enumerate(whole.views):
        ends = np.cumsum(block.sizes)
        found = [
            dict(
                zip(
                    block.hashes[end - size : end].tolist(),
                    block.often[end - size : end].tolist(),
                    strict=True,
                )
            )
            for size, end in zip(block.sizes.tolist(), ends.tolist(), strict=True)
        ]
        for ours, theirs in zip(found, slow, strict=True):
            assert sorted(ours.values()) == sorted(theirs[n].values())
            for other, told in zip(found, slow, strict=True):
                assert len(ours.keys() & other.keys()) == len(theirs[n].keys() & told[n].keys())
        some = block.some(np.array([len(texts) - 1, 0]))
        assert some.hashes.tolist() == [*found[-1], *found[0]]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.02, 0.6))
def test_common_and_rare_features_together_are_the_plain_product(seed: int, share: float) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.random((60, 40)) * (chance.random((60, 40)) < share)
    asked, learnt = csr_matrix(rows[:20], dtype=np.float32), csr_matrix(rows[20:], dtype=np.float32)
    assert np.allclose(Known(learnt).product(asked), rows[:20] @ rows[20:].T, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_what_is_outside_costs_hardly_a_right_answer(seed: int) -> None:
    chance = np.random.default_rng(seed)
    scores, truth = chance.random((700, 4)), chance.integers(0, 4, 700)
    scores[np.arange(700), truth] += 0.4
    border = outside_border(scores, truth, 2)
    lost, right, lower = 0, 0, 0
    for row, true in zip(scores.tolist(), truth.tolist(), strict=True):
        others = [score for n, score in enumerate(row) if n != 2]
        if true != 2 and row[true] == max(others):
            right += 1
            lost += row[2] - max(others) > border
            lower += row[2] - max(others) > border - 1e-9
    assert lost <= right / LOST < lower


def test_the_logistic_slope_leads_to_the_least_loss() -> None:
    chance = np.random.default_rng(5)
    rows = csr_matrix(chance.random((60, 6)) * (chance.random((60, 6)) < 0.7), dtype=np.float32)
    truth = (rows.toarray() @ chance.normal(size=(6, 2))).argmax(axis=1)
    made = logistic.learn(rows, truth)

    def loss(weights: np.ndarray) -> float:
        scores = rows.toarray() @ weights[:-1] + weights[-1]
        told = scores[np.arange(60), truth] - np.log(np.exp(scores).sum(axis=1))
        return float(-told.sum() + logistic.PENALTY / 2 * (weights[:-1] ** 2).sum())

    least = loss(made.weights.astype(float))
    for _ in range(30):
        assert loss(made.weights + chance.normal(size=made.weights.shape) * 0.2) > least - 1e-3
    assert (made.chances(rows).argmax(axis=1) == truth).mean() > 0.9
