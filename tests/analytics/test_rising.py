"""What rises is an incident, has reasons, and is told once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.analytics.logic.attention import Situation, concerns
from townhall.analytics.logic.causes import Said, causes
from townhall.analytics.logic.incident import carry, replay
from townhall.analytics.logic.rise import ALL, Rise, in_words, told_once
from townhall.analytics.logic.surge import Reading, Surge
from townhall.enrich import addresses

READING = Reading(3.0, True, 132, 32.2, 15)


def test_the_reason_is_a_sentence_with_what_is_telling() -> None:
    assert in_words(READING) == "132 posts in a quarter of an hour, 4.1 times as many as expected"
    assert in_words(READING, 62, ("one link in 62 % of posts", "by only 12 authors")).endswith(
        "expected, 62 % of them cross, one link in 62 % of posts, by only 12 authors"
    )
    assert "cross" not in in_words(READING, 29)


def test_one_link_one_text_and_few_authors_are_told_where_they_tell() -> None:
    spam = [Said(("win.example/a",), 7, n % 4) for n in range(62)]
    rest = [Said((), 1 << n, 100 + n) for n in range(38)]
    assert causes([*spam, *rest], 0) == (
        "one link in 62 % of posts",
        "62 % near-copies of one text",
        "by only 42 authors",
    )
    assert causes(rest, 1) == () and causes(spam[:4], 7) == ()
    assert causes([Said((), None, 1)] * 9, 7) == ("all by one author",)


said = st.builds(
    Said,
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple),
    st.none() | st.integers(0, 15),
    st.integers(1, 6),
)


@given(st.lists(said, min_size=5, max_size=60), st.integers(0, 2), st.randoms())
def test_shares_are_those_by_hand(posts: list[Said], apart: int, chance) -> None:
    links = max(sum(link in one.links for one in posts) for link in "abc")
    marks = {one.print for one in posts if one.print is not None}
    texts = max(
        (sum(o.print is not None and (o.print ^ m).bit_count() <= apart for o in posts) for m in marks),
        default=0,
    )
    got = causes(posts, apart)
    shares = [
        round(100 * n / len(posts)) if n >= 5 and round(100 * n / len(posts)) >= 30 else None
        for n in (links, texts)
    ]
    assert [w for w in got if "link" in w] == [f"one link in {s} % of posts" for s in shares[:1] if s]
    assert [w for w in got if "copies" in w] == [f"{s} % near-copies of one text" for s in shares[1:] if s]
    chance.shuffle(posts)
    assert causes(posts, apart) == got


def test_the_same_place_is_the_same_address() -> None:
    one = addresses("see https://www.Win.example/a/?utm_source=x&b=1#top, now")
    assert one == addresses("http://win.example/a/?b=1") != addresses("http://win.example/a/?b=2")
    assert addresses("a win-it.com/a and win-it.com/a!") == ("win-it.com/a",)
    assert addresses("https://win.example?utm_campaign=1") == ("win.example",)
    assert addresses("nothing here. Or there") == ()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=10, max_size=150), st.data())
def test_an_incident_is_the_same_read_again_or_carried_along(counts: list[int], data) -> None:
    """And the slot that is not over ends nothing."""
    whole, surge = None, Surge(900)
    for slot, count in enumerate(counts):
        whole = carry(whole, slot, surge.step(count), surge)
    held = replay(dict(enumerate(counts)), 0, len(counts), Surge(900))
    if whole is None:
        assert held is None
    else:
        assert held == whole
        more = data.draw(st.integers(0, 3_000))
        young = replay({**dict(enumerate(counts)), len(counts): more}, 0, len(counts), Surge(900))
        assert young is not None and young.last in (whole.last, len(counts))


def test_a_slot_that_is_not_over_ends_nothing() -> None:
    counts = dict.fromkeys(range(100), 5) | {100: 200}
    told = replay(counts, 0, 101, Surge(900))
    assert told is not None and replay(counts, 0, 100, Surge(900)) == told, (
        "it is told before its slot is over"
    )
    few = counts | {100: 24}
    told = replay(few, 0, 100, Surge(900))
    assert told is not None and replay(few, 0, 101, Surge(900)) == told, "a slot without a post so far"
    assert replay(counts | {101: 5, 102: 5}, 0, 103, Surge(900)) is None


def test_an_incident_ends_when_a_quarter_of_an_hour_is_usual_again() -> None:
    quiet, surge, held = [4, 5, 6] * 200, Surge(), None
    lives = []
    for slot, count in enumerate([*quiet, 400, 5, 4, 5, 6]):
        held = carry(held, slot, surge.step(count), surge)
        lives.append(held is not None)
    assert lives[600:] == [True, True, True, False, False]


def rise(account: int, times: float, more: float = 100, topic: str = "") -> Rise:
    return Rise(account, times, "why", more, topic, topic.title())


def test_a_topic_that_makes_the_rise_is_told_with_it() -> None:
    signal = rise(ALL, 20, more=61, topic="signal")
    (told,) = told_once([rise(ALL, 4), signal])
    assert told.account == ALL and told.reason == "why; “Signal” makes 61 % of the rise"


def test_the_brand_stands_for_its_accounts() -> None:
    seven, eight, brand = rise(7, 3), rise(8, 4, more=40), rise(ALL, 4)
    (told,) = told_once([seven, brand, eight])
    assert (told.account, told.among) == (ALL, (8, 7))
    assert told_once([seven, brand]) == [seven], "one alone"
    (told,) = told_once([seven, brand], [("surge", "0")])
    assert told.account == ALL, "it was told of the brand before, of which one account goes on"
    (told,) = told_once([seven, brand, eight], [("surge", "7")])
    assert told.account == 7 and "as a whole are 4.0 times" in told.reason, "it makes most of it"
    (told,) = told_once([seven, brand, eight], [("surge", "8")])
    assert told.account == ALL, "that one is the lesser part"
    assert told_once([seven, eight]) == [eight, seven], "a brand that does not rise stands for none"


def test_what_was_told_first_stays() -> None:
    signal = rise(ALL, 20, more=61, topic="signal")
    (told,) = told_once([rise(ALL, 4), rise(7, 4), rise(8, 4), signal], [signal.named])
    assert (
        told.topic == "signal"
        and told.reason == "why; with it posts as a whole are 4.0 times what was expected"
    )
    (told,) = told_once([rise(ALL, 4), signal], [signal.named, ("surge", "0")])
    assert told.account == ALL, "both were: the whole stands for it"


def test_a_topic_apart_is_told_and_one_swept_along_is_not() -> None:
    apart, swept = rise(ALL, 9, more=20, topic="bill"), rise(ALL, 5, more=20, topic="phone")
    assert told_once([rise(7, 4), swept, apart]) == [rise(7, 4), apart]
    assert told_once([swept, apart]) == [apart, swept]


times, more = st.floats(2, 50), st.floats(1, 300)
accounts = st.lists(
    st.builds(rise, st.integers(0, 4), times, more), max_size=4, unique_by=lambda one: one.account
)
words = st.sampled_from(["bill", "signal", "mast"])
topics = st.lists(
    st.builds(rise, st.just(ALL), times, more, words), max_size=3, unique_by=lambda one: one.topic
)
names = st.sets(st.tuples(st.just("topic"), words) | st.tuples(st.just("surge"), st.sampled_from("01234")))


@given(accounts, topics, names, st.randoms())
def test_each_is_told_once_and_no_order_matters(volumes, rising, before, chance) -> None:
    """Held against the rules as they are said."""
    told = told_once([*volumes, *rising], before)
    names = [one.named for one in told]
    assert len(set(names)) == len(names) and set(names) <= {one.named for one in [*volumes, *rising]}
    shuffled = [*volumes, *rising]
    chance.shuffle(shuffled)
    assert told_once(shuffled, before) == told
    assert bool(told) == bool(volumes or rising)
    told_volumes = [one for one in told if not one.topic]
    if any(one.account == ALL for one in volumes):
        assert len(told_volumes) <= 1, "a brand that rises and its accounts are one thing"
    if not volumes:
        assert {one.topic for one in told} == {one.topic for one in rising}


@given(accounts, topics)
def test_what_is_told_stays_told_while_the_same_rises(volumes, rising) -> None:
    first = told_once([*volumes, *rising])
    again = told_once([*volumes, *rising], [one.named for one in first])
    assert again == first


def test_topics_ask_for_somebody_in_their_own_words() -> None:
    now = Situation(None, 0, 90.0, 0, 0, 0, 0, topics=[("signal", "no signal", in_words(READING), 4.1)])
    (concern,) = concerns(now)
    assert (concern.kind, concern.subject) == ("topic", "signal")
    assert concern.sentence == (
        "“no signal”: 132 posts in a quarter of an hour, 4.1 times as many as expected."
    )
