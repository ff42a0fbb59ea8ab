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


def test_words_used_alike_lie_near_each_other() -> None:
    made = Company.learn(in_order(stream(60)), in_order(stream()))
    pairs = (_SUBJECTS[0][:2], _SUBJECTS[0][7:9], _SUBJECTS[9][:2])
    one, two, other = (made.weigh(in_order([" ".join(pair)])).toarray()[0] for pair in pairs)
    assert one @ two > 0.6 and one @ other < 0.2
    assert all(abs(np.linalg.norm(row) - 1) < 1e-5 for row in (one, two, other))
    again = Company.learn(in_order(stream(60)), in_order(stream()))
    assert np.array_equal(made.places, again.places)


def test_words_that_no_labelled_text_has_are_understood_by_the_company_they_keep() -> None:
    texts, labels = labelled(slice(0, 6), 400, 1)
    asked, truth = labelled(slice(6, 12), 200, 2)

    def right(posts: Block | None) -> float:
        made = fit(texts, labels, posts=posts)
        told = [made.classes[n] for n in made.decide(made.scores(asked))]
        return grade(np.array(truth), np.array(told), "accuracy")

    assert right(None) < 0.7 and right(in_order(stream())) > 0.95


def test_what_is_tried_on_rows_left_out_is_tried_with_the_posts() -> None:
    texts, labels = labelled(slice(0, 12), 60, 5)

    def sure(posts: Block | None) -> float:
        tried = cross_validate(texts, labels, posts=posts)
        return float(tried.chances[np.arange(60), tried.truth].mean())

    assert sure(in_order(stream())) > sure(None) + 0.005


def test_few_words_and_unknown_ones_say_nothing() -> None:
    few = Company.learn(in_order(["a parcel is late"] * 9), in_order(["the parcel came"] * 9))
    assert len(few.words) == 0 < FEWEST and few.weigh(in_order(["a parcel"])).toarray().tolist() == [
        [0.0] * WIDTH
    ]
    made = Company.learn(in_order(stream(60)), in_order(stream()))
    assert not made.weigh(in_order(["nobody knows these", ""])).toarray().any()
    known = " ".join(_SUBJECTS[0][:2])
    assert np.array_equal(
        made.weigh(in_order([known, "zebra"])).toarray()[:1], made.weigh(in_order([known])).toarray()
    )


def test_a_model_that_learnt_from_posts_is_the_same_from_its_file() -> None:
    texts, labels = labelled(slice(0, 6), 200, 4)
    made = fit(texts, labels, posts=in_order(stream()))
    again = machine_of(unpack(pack(arrays_of(made))), made.classes)
    asked, _ = labelled(slice(6, 12), 40, 5)
    assert np.allclose(made.scores(asked), again.scores(asked), atol=1e-6)


def test_the_words_in_order_are_the_same_alone_and_beside_the_views() -> None:
    texts = ["my parcel is late", "", "late, late!"]
    alone, beside = in_order(texts), hashed(texts).words
    assert (
        alone.hashes.tolist() == beside.hashes.tolist()
        and alone.sizes.tolist() == beside.sizes.tolist() == [4, 0, 4]
    )
