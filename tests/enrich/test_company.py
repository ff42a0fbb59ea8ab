"""Posts that nobody has labelled teach which words are used alike, and nothing else."""

import random

import numpy as np

from townhall.enrich.learning import fit
from townhall.enrich.learning.company import FEWEST, WIDTH, Company
from townhall.enrich.learning.grades import grade
from townhall.enrich.learning.kept import arrays_of, machine_of, pack, unpack
from townhall.enrich.learning.trial import cross_validate
from townhall.enrich.learning.views import Block, hashed, in_order

_LETTERS = random.Random(1)
_SUBJECTS = [
    ["".join(_LETTERS.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(12)] for _ in range(26)
]
"""26 subjects of twelve words each, which look like nothing."""


def said(chance: random.Random, words: list[str]) -> str:
    return " ".join(chance.sample(words, 6))


def stream(posts: int = 3_000) -> list[str]:
    chance = random.Random(7)
    return [said(chance, chance.choice(_SUBJECTS)) for _ in range(posts)]


def labelled(half: slice, rows: int, seed: int) -> tuple[list[str], list[str]]:
    """Texts of half of each subject's words; the first thirteen subjects are glad, the others not."""
    chance = random.Random(seed)
    places = [chance.randrange(len(_SUBJECTS)) for _ in range(rows)]
    return [said(chance, _SUBJECTS[n][half]) for n in places], ["glad" if n < 13 else "sad" for n in places]


def lines(texts: list[str]) -> Block:
    found = in_order(texts)
    assert found is not None
    return found


def test_words_used_alike_lie_near_each_other() -> None:
    made = Company.learn(lines(stream(60)), lines(stream()))
    pairs = (_SUBJECTS[0][:2], _SUBJECTS[0][7:9], _SUBJECTS[9][:2])
    one, two, other = (made.weigh(lines([" ".join(pair)])).toarray()[0] for pair in pairs)
    assert one @ two > 0.6 and one @ other < 0.2
    assert all(abs(np.linalg.norm(row) - 1) < 1e-5 for row in (one, two, other))
    again = Company.learn(lines(stream(60)), lines(stream()))
    assert np.array_equal(made.places, again.places)


def test_words_that_no_labelled_text_has_are_understood_by_the_company_they_keep() -> None:
    texts, labels = labelled(slice(0, 6), 400, 1)
    asked, truth = labelled(slice(6, 12), 200, 2)

    def right(posts: list[str] | None) -> float:
        made = fit(texts, labels, posts=posts)
        told = [made.classes[n] for n in made.decide(made.scores(asked))]
        return grade(np.array(truth), np.array(told), "accuracy")

    assert right(None) < 0.7 and right(stream()) > 0.95


def test_what_is_tried_on_rows_left_out_is_tried_with_the_posts() -> None:
    texts, labels = labelled(slice(0, 12), 60, 5)

    def sure(posts: list[str] | None) -> float:
        tried = cross_validate(texts, labels, posts=posts)
        return float(tried.chances[np.arange(60), tried.truth].mean())

    assert sure(stream()) > sure(None) + 0.005


def test_few_words_and_unknown_ones_say_nothing() -> None:
    few = Company.learn(lines(["a parcel is late"] * 9), lines(["the parcel came"] * 9))
    assert len(few.words) == 0 < FEWEST and few.weigh(lines(["a parcel"])).toarray().tolist() == [
        [0.0] * WIDTH
    ]
    made = Company.learn(lines(stream(60)), lines(stream()))
    assert not made.weigh(lines(["nobody knows these", ""])).toarray().any()
    known = " ".join(_SUBJECTS[0][:2])
    assert np.array_equal(
        made.weigh(lines([known, "zebra"])).toarray()[:1], made.weigh(lines([known])).toarray()
    )


def test_a_model_that_learnt_from_posts_is_the_same_from_its_file() -> None:
    texts, labels = labelled(slice(0, 6), 200, 4)
    made = fit(texts, labels, posts=stream())
    again = machine_of(unpack(pack(arrays_of(made))), made.classes)
    asked, _ = labelled(slice(6, 12), 40, 5)
    assert np.allclose(made.scores(asked), again.scores(asked), atol=1e-6)


def test_three_ways_of_seeing_stay_what_they_were() -> None:
    """Models taught by a brand's labels read three views; the words in order come after them."""
    assert len(hashed(["one text"])) == 4 and in_order(None) is None and in_order([]) is None
