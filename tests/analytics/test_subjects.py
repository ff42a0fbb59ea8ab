"""Words that rise, told as subjects: an oracle by letters, properties, and the words of a real storm."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from townhall.analytics.logic.subjects import EMPTY, LONGEST, TELLING, Risen, subjects

READER = "We run a shop and the card reader hangs on your network, anybody else? Not a single sale."


def test_neighbours_make_a_phrase_and_weak_words_make_none() -> None:
    (one,) = subjects([Risen(word, 9, READER) for word in ("else", "hangs", "single", "reader", "card")])
    assert subjects([Risen("harwick", 9, "no signal in Harwick")])[0].phrase == "Harwick"
    assert (one.lead, one.phrase, one.words) == ("card", "card reader hangs", ("card", "reader"))


def test_weak_words_alone_are_no_subject() -> None:
    assert subjects([Risen(word, 50, READER) for word in ("else", "hangs", "single", "2026")]) == []


def test_a_misspelt_trifle_is_no_subject_beside_what_its_post_is_about() -> None:
    text = "no signal in Harwick sinse seven"
    risen = [Risen("signal", 40, text), Risen("sinse", 6, text)]
    assert [one.lead for one in subjects(risen)] == ["signal"]
    assert [one.lead for one in subjects(risen[1:])] == ["sinse"], "alone it may be a name"


def test_two_subjects_stay_two_and_the_strongest_comes_first() -> None:
    signal = Risen("signal", 20, "no signal in Leeds")
    bill = Risen("bill", 31, "the bill of somebody")
    assert [one.phrase for one in subjects([signal, bill])] == ["bill", "signal"]


def test_a_word_that_is_far_rarer_does_not_join() -> None:
    text = "no signal on the mast"
    assert [s.lead for s in subjects([Risen("signal", 80, text), Risen("mast", 9, text)])] == [
        "signal",
        "mast",
    ]
    assert [s.phrase for s in subjects([Risen("signal", 72, text), Risen("mast", 9, text)])] == [
        "signal, mast"
    ]


def test_the_order_given_does_not_matter() -> None:
    risen = [
        Risen("signal", 20, "no signal, mast down"),
        Risen("mast", 20, "mast"),
        Risen("bill", 7, "my bill"),
    ]
    assert len({tuple(subjects(list(order))) for order in permutations(risen)}) == 1


words = st.sampled_from(["ape", "bee", "cat", "dog", "elk", "fox", "else", "hangs", "single", "down"])
risen = st.builds(
    Risen, words, st.integers(5, 90), st.lists(words, max_size=12).map(" ".join)
)  # fmt: skip


@given(st.lists(risen, max_size=12, unique_by=lambda one: one.word))
def test_every_strong_word_belongs_once_and_every_phrase_is_short(found: list[Risen]) -> None:
    told = subjects(found)
    strong = sorted(one.word for one in found if one.word not in EMPTY and one.word not in TELLING)
    assert sorted(word for one in told for word in one.words) == strong
    posts = {one.word: one.posts for one in found}
    texts = {one.word: one.text.split() for one in found}
    for one in told:
        said = one.phrase.replace(",", "").split()
        assert one.lead in said and len(said) <= LONGEST and not EMPTY & set(said)
        assert posts[one.lead] == max(posts[word] for word in one.words)
        assert one.phrase == one.lead or all(word in texts[one.lead] for word in said)
