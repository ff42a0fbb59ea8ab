"""Which article answers: against BM25 written apart, text by text, as its paper has it."""

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from townhall.care.logic.answering import CANDIDATES, FLOOR, MOST, Match, Word, by_words, suggest

WORDS = [
    "bill",
    "card",
    "crew",
    "debit",
    "eSIM",
    "fibre",
    "mast",
    "order",
    "plan",
    "refund",
    "router",
    "signal",
]
_texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=1, max_size=20)
_asked = st.lists(st.sampled_from([*WORDS, "unknown", "4711"]), unique=True, max_size=8)


def shelf(
    texts: list[list[str]], asked: list[str], learnt: dict[tuple[str, int], int] | None = None
) -> list[Word]:
    """The words of a question as the store gives them; article n has the id 10 n."""
    learnt, found = learnt or {}, []
    for word in asked:
        holders = [n for n, text in enumerate(texts) if word in text or learnt.get((word, n))]
        found.append(
            Word(
                word, len(texts), sum(map(len, texts)) / len(texts), len(holders), [10 * n for n in holders],
                [texts[n].count(word) for n in holders], [len(texts[n]) for n in holders],
                [learnt.get((word, n), 0) for n in holders],
            )
        )  # fmt: skip
    return found


def told(texts: list[list[str]], asked: list[str], learnt: dict[tuple[str, int], int]) -> dict[int, float]:
    """Every article's score, by the formula and nothing else."""
    every, mean = len(texts), max(sum(len(text) for text in texts) / len(texts), 1)
    holders: Counter[str] = Counter()
    for n, text in enumerate(texts):
        holders.update({word for word in asked if word in text or learnt.get((word, n))})
    seen = max(every, 30)
    rare = {word: math.log(1 + (seen - holders[word] + 0.5) / (holders[word] + 0.5)) for word in asked}
    rare = {word: weight / math.log(1 + (seen + 0.5) / 0.5) for word, weight in rare.items()}
    whole = math.sqrt(min(sum(rare[word] for word in asked if holders[word] or not word.isdigit()), 8))
    scores = {}
    for n, text in enumerate(texts):
        norm = 1.2 * (0.5 + 0.5 * len(text) / mean)
        parts = []
        for word in asked:
            frequency = text.count(word) + min(learnt.get((word, n), 0), 1)
            if frequency:
                parts.append(rare[word] * frequency / (frequency + norm))
        if parts:
            scores[10 * n] = sum(parts) / whole
    return scores


@given(_texts, _asked, st.data())
def test_the_order_is_that_of_the_formula(
    texts: list[list[str]], asked: list[str], data: st.DataObject
) -> None:
    pairs = st.tuples(st.sampled_from(WORDS), st.integers(0, len(texts) - 1))
    learnt = data.draw(st.dictionaries(pairs, st.integers(1, 9), max_size=5))
    found = by_words(shelf(texts, asked, learnt))
    wanted = told(texts, asked, learnt)
    assert {one.article for one in found} <= wanted.keys()
    assert len(found) == min(len(wanted), CANDIDATES)
    assert all(math.isclose(one.score, wanted[one.article], abs_tol=1e-5) for one in found)
    assert [one.article for one in found] == sorted(
        (one.article for one in found), key=lambda id: (-round(wanted[id], 6), id)
    )
    left = wanted.keys() - {one.article for one in found}
    assert all(wanted[id] <= found[-1].score + 1e-5 for id in left)


@given(_texts, _asked)
def test_what_is_shared_is_named_and_stands_in_the_article(texts: list[list[str]], asked: list[str]) -> None:
    for one in by_words(shelf(texts, asked)):
        assert set(one.shares) == set(asked) & set(texts[one.article // 10])


def test_a_rarer_shared_word_is_named_first() -> None:
    (best, *_) = by_words(shelf([["bill", "mast"], ["bill"], ["bill"], ["plan"]], ["bill", "mast"]))
    assert (best.article, best.shares) == (0, ("mast", "bill"))


def test_a_word_that_too_many_hold_tells_nothing() -> None:
    assert by_words([Word("the", 100, 20.0, 90)]) == ()


_matches = st.lists(
    st.builds(Match, st.integers(1, 30), st.floats(0, 1).map(lambda x: round(x, 6)), st.just(("bill",))),
    unique_by=lambda one: one.article, max_size=20,
)  # fmt: skip


@given(_matches, st.dictionaries(st.integers(1, 30), st.integers(0, 500)))
def test_use_orders_but_lifts_nothing_over_the_floor(matches: list[Match], used: dict[int, int]) -> None:
    found = suggest(matches, used)
    over = {one.article: one.score for one in matches if one.score >= FLOOR}
    assert len(found) == min(len(over), MOST)
    for one in found:
        assert one.article in over and one.used == used.get(one.article, 0)
        assert math.isclose(one.score, over[one.article] * (1 + 0.08 * math.log2(1 + one.used)), abs_tol=1e-5)
    assert list(found) == sorted(found, key=lambda one: (-one.score, one.article))


def test_of_two_alike_the_one_that_was_sent_comes_first() -> None:
    alike = [Match(1, FLOOR, ("card",)), Match(2, FLOOR, ("card",))]
    assert [one.article for one in suggest(alike, {2: 4})] == [2, 1]
    assert [one.article for one in suggest(alike, {})] == [1, 2]
    assert suggest([Match(1, FLOOR - 0.01, ("card",))], {1: 1000}) == ()
