"""Machines with margins: the least loss, the same again, and every choice made on rows left out of those learnt from."""

import re
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from townhall.enrich.learning import fit, margins, own, ridge
from townhall.enrich.learning.grades import LOST, best_grade, outside_border
from townhall.enrich.learning.kept import arrays_of, digest_of, load, pack, save, unpack
from townhall.enrich.learning.trial import Examples, folds_of
from townhall.enrich.learning.ways import ENOUGH, PARTS, WAYS, Way, choose, left_out
from townhall.kernel.errors import Refused

_THINGS = [
    "parcel",
    "card",
    "loan",
    "meter",
    "router",
    "ticket",
    "refund",
    "coupon",
    "invoice",
    "password",
    "address",
    "battery",
    "charger",
    "seat",
    "visa",
    "transfer",
    "pension",
    "mortgage",
    "insurance",
    "contract",
    "deposit",
    "delivery",
]
_ASKED = ("where is my {}", "the {} does not work", "please change the {} of mine", "a question about {}")
_ODD = (
    "sing me a tune",
    "how tall is that hill",
    "tell a joke about cats",
    "will it snow on monday",
    "who won the match",
)
TEXTS = [f"{frame.format(thing)} {n}" for thing in _THINGS for frame in _ASKED for n in range(2)] + [
    f"{text} {n}" for text in _ODD for n in range(4)
]
LABELS = [thing for thing in _THINGS for _ in range(8)] + ["none"] * 20


@dataclass(frozen=True)
class Points:
    kernel: np.ndarray
    truth: np.ndarray
    wanted: np.ndarray


def points(seed: int, rows: int = 40, classes: int = 4, width: int = 6) -> Points:
    chance = np.random.default_rng(seed)
    found = chance.normal(size=(rows, width))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    truth = np.concatenate([np.arange(classes), chance.integers(0, classes, rows - classes)])
    kernel = (found @ found.T * 0.9 + np.eye(rows) * 0.1).astype(np.float32)
    return Points(kernel, truth, np.eye(classes, dtype=np.float32)[truth])


def least(kernel: np.ndarray, side: np.ndarray, usual: float, penalty: float) -> float:
    """The least loss, as a general minimiser finds it."""
    kernel = kernel.astype(float)

    def lost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = kernel @ weights + usual
        missing = np.maximum(0, 1 - side * scores)
        slope = 2 * penalty * weights - 2 * side * missing
        return float(missing @ missing + penalty * weights @ kernel @ weights), kernel @ slope

    start = np.zeros(len(side))
    steps = {"maxiter": 3_000, "ftol": 1e-14, "gtol": 1e-10}
    return float(minimize(lost, start, jac=True, method="L-BFGS-B", options=steps).fun)


def loss(kernel: np.ndarray, weights: np.ndarray, side: np.ndarray, usual: float, penalty: float) -> float:
    """Said row by row, as the definition has it."""
    total = penalty * float(weights @ kernel @ weights)
    for row, right in zip(kernel, side, strict=True):
        total += max(0.0, 1 - right * (float(row @ weights) + usual)) ** 2
    return total


def over_the_least(given: Points, penalty: float) -> list[float]:
    """By how much each class loses more than it need, as a share."""
    weights = margins.solve(given.kernel, given.wanted, penalty).astype(float) * 2
    kernel = given.kernel.astype(float)
    found = []
    for one in range(given.wanted.shape[1]):
        side, usual = given.wanted[:, one].astype(float) * 2 - 1, float(given.wanted[:, one].mean() * 2 - 1)
        ours = loss(kernel, weights[:, one], side, usual, penalty)
        found.append(ours / least(kernel, side, usual, penalty) - 1)
    return found


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.03, 0.1, 1.0]))
def test_no_weights_lose_less(seed: int, penalty: float) -> None:
    assert max(over_the_least(points(seed), penalty)) < 1e-4


def test_weights_are_exact_where_common_steps_are_not_enough() -> None:
    over = [
        more
        for seed in range(2)
        for penalty in (0.003,)
        for more in over_the_least(points(seed, rows=160, width=30), penalty)
    ]
    assert (np.array(over) < 1e-5).mean() > 0.85 and max(over) < 0.01


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1, 1))
def test_what_a_class_scores_without_evidence_is_a_weight_like_others(seed: int, told: float) -> None:
    """Beside the columns of a row stands one of half its length squared, which every row has."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(40, 4))
    truth = np.concatenate([np.arange(3), chance.integers(0, 3, 37)])
    wanted = np.eye(3, dtype=np.float32)[truth]
    way = Way(True, 0.0, 0.1)
    weights = way.weights((rows @ rows.T).astype(np.float32), wanted)
    asked = np.full(4, told)
    ours = (rows @ asked) @ weights + way.offset(weights, wanted)
    wide = np.hstack([rows, np.full((40, 1), 0.5**0.5)])
    for one in range(3):
        side, usual = wanted[:, one].astype(float) * 2 - 1, float(wanted[:, one].mean() * 2 - 1)

        def lost(line: np.ndarray, side: np.ndarray = side, usual: float = usual) -> float:
            missing = np.maximum(0, 1 - side * (wide @ line + usual))
            return float(missing @ missing + 0.1 * line @ line)

        line = minimize(lost, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
        score = (np.append(asked, 0.5**0.5) @ line + usual + 1) / 2
        assert abs(ours[one] - score) < 5e-3


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(WAYS))
def test_what_is_said_of_rows_left_out_does_not_hang_on_their_labels(seed: int, way: Way) -> None:
    given = points(seed, rows=60)
    told = left_out(way, given.kernel, given.wanted)
    assert told.rows.tolist() == list(range(60))
    part = np.random.default_rng(20250101).permutation(60) % PARTS
    for n in range(PARTS):
        other = given.wanted.copy()
        other[part == n] = np.roll(other[part == n], 1, axis=1)
        again = left_out(way, given.kernel, other)
        asked = np.isin(told.rows, np.flatnonzero(part == n))
        assert np.array_equal(told.rows, again.rows)
        assert np.array_equal(told.scores[asked], again.scores[asked])


def test_of_many_rows_some_are_enough_to_choose_by() -> None:
    rows = ENOUGH + 1_600
    truth = np.arange(rows) % 2
    kernel = np.eye(rows, dtype=np.float32)
    told = left_out(WAYS[-1], kernel, np.eye(2, dtype=np.float32)[truth])
    assert ENOUGH <= len(set(told.rows.tolist())) == len(told.rows) < rows


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_way_taken_is_the_best_on_rows_left_out(seed: int) -> None:
    given = points(seed, rows=90, width=3)
    way, told = choose(given.kernel, given.wanted, given.truth, "accuracy")
    grades = {}
    for one in WAYS:
        other = left_out(one, given.kernel, given.wanted)
        grades[one] = best_grade(other.scores, given.truth[other.rows], "accuracy")
    assert grades[way] == max(grades.values())
    assert np.array_equal(told.scores, left_out(way, given.kernel, given.wanted).scores)


def test_a_fold_is_judged_without_its_own_labels() -> None:
    """Nothing that is settled in learning, the way, the heat or the border, may look at the rows that are asked about."""
    part = folds_of(TEXTS, 4)
    swapped = dict(zip(sorted(set(LABELS)), sorted(set(LABELS))[1:] + sorted(set(LABELS))[:1], strict=True))
    other = [swapped[label] if fold == 0 else label for label, fold in zip(LABELS, part, strict=True)]
    first, again = (Examples(TEXTS, labels, outside="none").judge_fold(0, 4) for labels in (LABELS, other))
    assert np.array_equal(first.said, again.said) and np.array_equal(first.chances, again.chances)


def test_many_classes_are_learnt_the_same_again_to_the_byte_and_kept(tmp_path) -> None:
    first, again = (fit(TEXTS, LABELS, outside="none") for _ in range(2))
    assert pack(arrays_of(first)) == pack(arrays_of(again))
    save(first, tmp_path, "needs", {"floor": 0.6})
    kept, _ = load(tmp_path, "needs")
    asked = ["is my parcel here", "change this password", "sing a tune", ""]
    assert np.array_equal(first.chances(first.scores(asked)), kept.chances(kept.scores(asked)))
    assert kept.decide(kept.scores(asked)).tolist() == first.decide(first.scores(asked)).tolist()
    assert [first.classes[n] for n in first.decide(first.scores(asked))][:3] == ["parcel", "password", "none"]


def test_three_classes_are_sure_of_what_is_clear_and_kept_with_what_stands_beside(tmp_path) -> None:
    """Calibration looks at the rows left out, each against its own label and no other's."""
    pairs = [(text, label) for text, label in zip(TEXTS, LABELS, strict=True) if label in _THINGS[:3]]
    chance = np.random.default_rng(11).permutation(len(pairs))
    texts, labels = [pairs[n][0] for n in chance], [pairs[n][1] for n in chance]
    made = fit(texts, labels)
    asked = [f"my {thing} again" for thing in _THINGS[:3]]
    chances = made.chances(made.scores(asked))
    assert [made.classes[n] for n in chances.argmax(axis=1)] == _THINGS[:3] and chances.max(
        axis=1
    ).min() > 0.7
    save(made, tmp_path, "needs", {"floor": 0.6})
    kept, _ = load(tmp_path, "needs")
    assert np.array_equal(chances, kept.chances(kept.scores(asked)))


def test_what_is_outside_is_seen_and_hardly_a_right_answer_is_given_up_for_it() -> None:
    made = fit(TEXTS, LABELS, outside="none")
    assert made.classes[made.outside] == "none"
    odd = ["sing me a joke", "how tall was the match", "will it snow"]
    assert {made.classes[n] for n in made.decide(made.scores(odd))} == {"none"}
    inside = [f"my {thing} is gone" for thing in _THINGS]
    scores = made.scores(inside)
    others = scores.copy()
    others[:, made.outside] = -np.inf
    given_up = (others.argmax(axis=1) != made.decide(scores)) & (
        np.array(made.classes)[others.argmax(axis=1)] == _THINGS
    )
    assert given_up.sum() <= max(1, len(inside) // LOST)


def test_the_border_to_what_is_outside_is_that_of_the_rows_left_out() -> None:
    made, truth = fit(TEXTS, LABELS, outside="none"), np.unique(LABELS, return_inverse=True)[1]
    plain = ridge.alike(made.rows, ridge.Known(made.rows))
    _, left = choose(plain, np.eye(len(made.classes), dtype=np.float32)[truth], truth, "accuracy")
    assert made.border == outside_border(left.scores, truth[left.rows], made.outside)


def test_a_model_that_sees_texts_otherwise_is_refused_by_name(tmp_path) -> None:
    save(fit(TEXTS, LABELS), tmp_path, "needs", {"floor": 0.6})
    arrays = unpack((tmp_path / "needs.npz").read_bytes())
    raw = pack(arrays | {"columns3": arrays["columns0"], "rarity3": arrays["rarity0"]})
    (tmp_path / "needs.npz").write_bytes(raw)
    card = (tmp_path / "needs.json").read_text("utf-8")
    told = re.sub('"sha256": "[0-9a-f]+"', f'"sha256": "{digest_of(raw)}"', card)
    (tmp_path / "needs.json").write_text(told, "utf-8")
    with pytest.raises(Refused, match="train it again"):
        load(tmp_path, "needs")


@pytest.mark.parametrize("count, kind", [(2, "kernel ridge"), (len(_THINGS), "margins")])
def test_the_card_says_how_it_was_learnt(tmp_path, count: int, kind: str) -> None:
    pairs = [(text, label) for text, label in zip(TEXTS, LABELS, strict=True) if label in _THINGS[:count]]
    assert kind in own.train(pairs, tmp_path, "needs")["kind"]
