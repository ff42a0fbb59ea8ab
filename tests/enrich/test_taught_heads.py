"""Heads taught by a brand: the prior that few labels leave alone, figures that hold, files that are what they say."""

import json
from collections.abc import Sequence
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.enrich import Understanding
from townhall.enrich.learning.adapted import Adapted, blended, teach
from townhall.enrich.learning.kept import digest_of
from townhall.enrich.learning.tried import Rival, enough, figures, luck, marks, teach_and_try
from townhall.enrich.logic.asking import LEAST_DOUBT, Candidate, choose, settled
from townhall.enrich.logic.copies import APART
from townhall.enrich.logic.heads import HEADS, INTENT_FLOOR, chances_of, doubt
from townhall.enrich.taught import TaughtHead, TaughtHeads
from townhall.enrich.weights import SHIPPED, read_model
from townhall.kernel.errors import Refused

_LOVELY = ("the torch is sick", "this kettle slaps", "sick lamp, sick price", "these boots slap hard")
_AWFUL = ("the torch is naff", "this kettle is pants", "naff lamp, naff price", "these boots are pants")
TEXTS = [f"{text} {n}" for n in range(6) for text in _LOVELY + _AWFUL]
MOODS = ["positive" if n % 8 < 4 else "negative" for n in range(48)]


@cache
def reader() -> Understanding:
    return Understanding.load()


def shipped(head: str, texts: Sequence[str]) -> np.ndarray:
    found, likely = reader().read(texts)
    return chances_of(head, found, likely)


def test_heads_are_those_of_the_models() -> None:
    for name in ("question", "complaint", "sentiment", "intent"):
        assert read_model(SHIPPED, name).classes == HEADS[name].values
    assert read_model(SHIPPED, "intent").card["floor"] == INTENT_FLOOR


@pytest.mark.parametrize("head", HEADS)
def test_what_is_said_of_chances_is_what_the_reading_says(head: str) -> None:
    texts = [
        "where is my parcel???",
        "thanks a lot, lovely",
        "you utter idiots, I hate you",
        "buy cheap pills now http://x.tk",
    ]
    for one, row in zip(reader().enrich(texts), shipped(head, texts).tolist(), strict=True):
        value, chance = HEADS[head].said(row)
        if head == "question":
            assert (value == "yes") == one.question and chance == pytest.approx(
                max(one.question_p, 1 - one.question_p)
            )
        elif head == "sentiment":
            assert {"negative": -1, "neutral": 0, "positive": 1}[value] == one.sentiment
            assert chance == pytest.approx(one.sentiment_p)
        elif head == "intent":
            assert one.intent in (value, "complaint", "praise")
        else:
            yes = getattr(one, f"{head}_p")
            assert (value == "yes") == (yes >= HEADS[head].floor) and row[1] == pytest.approx(yes)


@pytest.mark.parametrize(
    ("head", "said", "chance", "sure"),
    [
        ("question", "yes", 0.59, False), ("question", "no", 0.59, False), ("question", "yes", 0.6, True),
        ("question", "no", 0.6, True), ("complaint", "no", 0.55, False), ("complaint", "yes", 0.61, True),
        ("sentiment", "neutral", 0.49, False), ("sentiment", "neutral", 0.5, True), ("intent", "billing", 0.44, False),
        ("intent", "unsure", 0.44, False), ("intent", "billing", 0.45, True), ("spam", "no", 0.4, False),
        ("spam", "no", 0.6, True), ("spam", "yes", 0.71, True), ("question", "yes", -1.0, True), ("complaint", "", -1.0, False),
    ],
)  # fmt: skip
def test_under_its_floor_nothing_is_sure(head: str, said: str, chance: float, sure: bool) -> None:
    assert HEADS[head].is_sure(said, chance) == sure


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.lists(st.floats(-1, 1), min_size=3, max_size=3)
)
def test_blending_is_the_written_formula(prior: list[float], found: list[float]) -> None:
    whole = [p / sum(prior) for p in prior]
    got = blended(np.array([whole]), np.array([found]), 0.7, 3.0, np.array([0.1, 0.0, -0.1]))[0]
    want = [p**0.7 * np.exp(3 * e + s) for p, e, s in zip(whole, found, (0.1, 0.0, -0.1), strict=True)]
    assert got == pytest.approx([one / sum(want) for one in want], rel=1e-4)


def test_it_learns_words_that_the_shipped_model_misreads_and_leaves_the_rest() -> None:
    prior = shipped("sentiment", TEXTS)
    made = teach(HEADS["sentiment"], TEXTS, MOODS, prior)
    asked = ["that lamp is naff", "the kettle slaps", "ich warte seit Wochen auf meine Rechnung"]
    before, after = shipped("sentiment", asked), None
    heads = TaughtHeads({"sentiment": TaughtHead(1, "a" * 64, made)})
    found, likely = reader().read(asked)
    fixed, after = heads.corrected(reader(), asked, found, likely)
    assert [one.sentiment for one in fixed[:2]] == [-1, 1]
    assert np.abs(after["sentiment"][2] - before[2]).max() < 0.25, (
        "a text unlike all that were labelled is read as before"
    )
    assert fixed[2].topics == found[2].topics and fixed[2].simhash == found[2].simhash
    assert heads.digests == "sentiment:" + "a" * 12


def test_labels_without_meaning_leave_the_shipped_reading_in_charge() -> None:
    texts = [f"parcel {n} box{n * 7} lane{n * 3}" for n in range(120)]
    labels = ["yes" if chance else "no" for chance in np.random.default_rng(5).random(120) < 0.5]
    card = teach_and_try(HEADS["complaint"], texts, labels, shipped("complaint", texts)).card
    assert card["candidate"]["log_loss"] < 0.75 and card["against"]["luck"] > 0.001


def test_the_card_compares_on_rows_the_other_has_not_seen() -> None:
    prior = shipped("sentiment", TEXTS)
    alone = teach_and_try(HEADS["sentiment"], TEXTS, MOODS, prior).card
    assert alone["against"]["model"] == "shipped" and alone["against"]["rows"] == 48
    assert alone["against"]["better"] and alone["candidate"]["accuracy"] > alone["shipped"]["accuracy"]
    knows = Rival(
        "version 1",
        "f" * 64,
        np.eye(3)[[2 if m == "positive" else 0 for m in MOODS]],
        frozenset(marks(TEXTS[:30])),
    )
    card = teach_and_try(HEADS["sentiment"], TEXTS, MOODS, prior, knows).card["against"]
    assert (card["model"], card["rows"], "candidate" in card, card["better"]) == (
        "version 1",
        18,
        False,
        False,
    )
    half = Rival("version 1", "f" * 64, 1 - knows.chances, frozenset(marks(TEXTS[:20])))
    card = teach_and_try(HEADS["sentiment"], TEXTS, MOODS, prior, half).card["against"]
    assert card["rows"] == 28 and card["better"] and card["won"] > card["lost"]


def test_a_file_gives_the_same_model_and_a_changed_one_is_refused() -> None:
    made = teach(
        HEADS["question"], TEXTS, ["yes" if n % 3 else "no" for n in range(48)], shipped("question", TEXTS)
    )
    raw = made.packed(marks(TEXTS))
    again = Adapted.unpacked(raw, digest_of(raw))
    from townhall.enrich.learning.views import hashed

    counts = hashed(["why is the lamp off?", "fine"])
    prior = shipped("question", ["why is the lamp off?", "fine"])
    assert np.array_equal(made.chances(counts, prior), again.chances(counts, prior))
    assert again.seen == tuple(marks(TEXTS)) and again.head is HEADS["question"]
    spoilt = bytearray(raw)
    spoilt[len(raw) // 2] ^= 1
    with pytest.raises(Refused, match="SHA-256"):
        Adapted.unpacked(bytes(spoilt), digest_of(raw))


def test_reasons_follow_the_model_that_decided() -> None:
    texts = ["you are idiots, shut up you liars", "what a lovely day in the park"]
    found, likely = reader().read(texts)
    assert any(sign.startswith("abuse:") for sign in found[0].signs)
    labels = ["no" if n % 2 else "yes" for n in range(40)]
    rows = [
        ("what a lovely day in the park" if yes == "yes" else "you are idiots, shut up you liars") + f" {n}"
        for n, yes in enumerate(labels)
    ]
    made = teach(HEADS["abuse"], rows, labels, shipped("abuse", rows))
    fixed, _ = TaughtHeads({"abuse": TaughtHead(3, "b" * 64, made)}).corrected(reader(), texts, found, likely)
    assert [one.abuse_p >= HEADS["abuse"].floor for one in fixed] == [False, True]
    assert not any(sign.startswith("abuse:") for sign in fixed[0].signs)
    assert fixed[1].signs == ("abuse: as your people labelled posts like it (own model 3)",)


def test_too_few_labels_are_named() -> None:
    assert "there are 12 (no 6, yes 6)" in enough(["yes", "no"] * 6)
    assert (
        enough(["yes"] * 40) and enough(["yes"] * 40 + ["no"] * 4) and not enough(["yes"] * 25 + ["no"] * 5)
    )
    with pytest.raises(Refused, match="there are 0"):
        teach_and_try(HEADS["spam"], [], [], np.zeros((0, 2)))


@given(st.integers(0, 12), st.integers(0, 12))
def test_luck_is_the_share_of_coin_rows_as_good(won: int, lost: int) -> None:
    total = won + lost
    rows = sum(bin(n).count("1") >= won for n in range(2**total)) if total <= 12 else None
    if rows is not None:
        assert luck(won, lost) == pytest.approx(rows / 2**total)


def test_figures_by_hand() -> None:
    chances = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]])
    got = figures(HEADS["complaint"], np.array([0, 0, 1, 1]), chances)
    assert got["accuracy"] == 0.5 and got["macro_f1"] == 0.5
    assert got["log_loss"] == pytest.approx(-np.log([0.9, 0.4, 0.8, 0.3]).mean(), abs=1e-4)
    assert figures(HEADS["abuse"], np.array([1]), np.array([[0.25, 0.75]]))["accuracy"] == 0.0, (
        "under its floor"
    )
    assert figures(HEADS["intent"], np.array([0]), np.full((1, 15), 1 / 15))["accuracy"] == 0.0, (
        "unsure is not right"
    )


_candidates = st.lists(
    st.builds(
        Candidate, st.sampled_from(["question", "spam"]), st.integers(1, 30), st.floats(0, 1).map(lambda p: round(p, 2)),
        st.just("yes"), st.just(0.5), st.sampled_from([0, 1, 3, 0xFF, 0xFFFF, -1, 0x7FFF_0000_FFFF]),
    ),
    max_size=14, unique_by=lambda c: (c.head, c.interaction),
)  # fmt: skip


@settings(deadline=None)
@given(_candidates, st.integers(1, 4))
def test_questions_are_the_least_sure_and_no_near_copies(found: list[Candidate], most: int) -> None:
    chosen = choose(found, most)
    for head in ("question", "spam"):
        mine = [one for _, one in chosen if one.head == head]
        assert [turn for turn, one in chosen if one.head == head] == list(range(1, len(mine) + 1))
        assert _oracle([one for one in found if one.head == head], most) == mine
    assert [turn for turn, _ in chosen] == sorted(turn for turn, _ in chosen), "heads take turns"
    assert choose(found[::-1], most) == chosen


def _oracle(found: list[Candidate], most: int) -> list[Candidate]:
    """Greedy by another way: bit by bit, over what is left."""
    left, kept = [one for one in found if one.doubt >= LEAST_DOUBT], []
    while left and len(kept) < most:
        best = left[0]
        for one in left[1:]:
            if one.doubt > best.doubt or (one.doubt == best.doubt and one.interaction > best.interaction):
                best = one
        kept.append(best)
        apart = {
            id(one): sum((one.print >> bit & 1) != (best.print >> bit & 1) for bit in range(64))
            for one in left
        }
        left = [
            one
            for one in left
            if one is not best and (not one.print or not best.print or apart[id(one)] > APART)
        ]
    return kept


@given(st.lists(st.sampled_from("abc"), max_size=5))
def test_people_settle_by_more_voices_in_whatever_order(values: list[str]) -> None:
    counts = {value: values.count(value) for value in values}
    best = [value for value in counts if counts[value] == max(counts.values())]
    assert settled(values) == (best[0] if len(best) == 1 else "")
    assert all(settled(list(other)) == settled(values) for other in permutations(values))


def test_doubt_is_one_for_a_draw_and_nothing_for_certainty() -> None:
    assert doubt(np.array([[0.5, 0.5], [1.0, 0.0], [0.9, 0.1]])).tolist() == pytest.approx([1, 0, 0.2])
    assert doubt(np.array([[0.4, 0.35, 0.25]])).tolist() == pytest.approx([0.95])


def test_a_card_is_plain_json() -> None:
    card = teach_and_try(HEADS["sentiment"], TEXTS, MOODS, shipped("sentiment", TEXTS)).card
    assert json.loads(json.dumps(card)) == card
