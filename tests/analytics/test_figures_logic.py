"""The pure side of the figures: each held to a naive computation that shares no code with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.analytics.logic.attention import MOST, Situation, as_of_now, concerns
from townhall.analytics.logic.buckets import LAST, MADE, bucket_of, upper_edge
from townhall.analytics.logic.figures import Measure
from townhall.analytics.logic.forecast import MINUTES, will_be_missed
from townhall.analytics.logic.judging import judged
from townhall.analytics.logic.promises import UNDONE, Counted, deltas
from townhall.analytics.logic.survival import quantile, waits
from townhall.analytics.logic.usual import rises, times_usual, usual_range
from townhall.kernel.clock import HOUR, MINUTE, SECOND

NOW = 1_767_614_400_000_000


@given(st.integers(0, 10**15))
def test_a_time_lies_in_its_bucket(elapsed: int) -> None:
    bucket = bucket_of(elapsed)
    assert 0 <= bucket <= LAST
    assert elapsed <= upper_edge(bucket) or bucket == LAST
    assert bucket == 0 or elapsed * 1.000001 >= upper_edge(bucket - 1)


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_longer_is_never_an_earlier_bucket(a: int, b: int) -> None:
    assert (bucket_of(a) <= bucket_of(b)) or a > b


def naive_quantile(answered: list[int], unfinished: list[int], share: float) -> int | None:
    """Kaplan and Meier by walking every person."""
    standing, everybody = 1.0, len(answered) + len(unfinished)
    for bucket in sorted({*answered, *unfinished}):
        gone = sum(b < bucket for b in answered + unfinished)
        events = answered.count(bucket)
        if everybody - gone:
            standing *= 1 - events / (everybody - gone)
        if events and standing <= 1 - share + 1e-9:
            return bucket
    return None


@given(
    st.lists(st.integers(0, 60), max_size=40),
    st.lists(st.integers(0, 60), max_size=40),
    st.sampled_from([0.5, 0.9]),
)
def test_the_unanswered_count(answered: list[int], given_up: list[int], share: float) -> None:
    rows = [(NOW, b, 1, 0) for b in answered] + [(NOW, b, 0, 1) for b in given_up]
    rows.append((NOW, MADE, len(answered) + len(given_up), 0))
    got = quantile(waits(rows, NOW + HOUR), share)
    expected = naive_quantile(answered, given_up, share)
    assert got == (None if expected is None else upper_edge(expected))


def test_those_who_still_wait_push_the_median_up() -> None:
    begun = NOW - 5 * HOUR
    answered = [(begun, bucket_of(10 * MINUTE), 10, 0), (begun, MADE, 10, 0)]
    waiting = [(begun, bucket_of(10 * MINUTE), 10, 0), (begun, MADE, 30, 0)]
    assert quantile(waits(answered, NOW), 0.5) == upper_edge(bucket_of(10 * MINUTE))
    assert quantile(waits(waiting, NOW), 0.5) is None
    assert waits(waiting, NOW).waiting == 20


def naive_missed(missed: int, due: list[int], pace: float) -> int:
    """Everybody stands in one line and is answered one by one."""
    line = [-1] * missed + [minute for minute, count in enumerate(due) for _ in range(count)]
    lost, answered = 0, 0
    queue = list(line)
    for minute in range(len(due)):
        total = int(pace * (minute + 1) + 1e-9)
        while queue and answered < total:
            queue.pop(0)
            answered += 1
        lost += sum(when == minute for when in queue)
    return lost


@given(
    st.integers(0, 60), st.lists(st.integers(0, 9), min_size=MINUTES, max_size=MINUTES), st.integers(0, 200)
)
def test_the_forecast_is_a_line_of_people(missed: int, due: list[int], an_hour: int) -> None:
    assert will_be_missed(missed, due, an_hour / 60) == naive_missed(missed, due, an_hour / 60)


def test_usual_is_a_range_of_the_same_hours() -> None:
    assert usual_range([5.0]) is None
    assert usual_range([float(n) for n in range(11)]) == (1.0, 9.0)


def test_a_trifle_does_not_rise() -> None:
    assert not rises(6, times_usual(6, 5.0)) and not rises(3, times_usual(3, 0.0))
    ratio = times_usual(40, 10.0)
    assert rises(40, ratio) and 2.5 < ratio.low < ratio.times < ratio.high < 6


counted = st.builds(
    Counted, brand=st.just(1), metric=st.sampled_from(["first_response", "next_response"]),
    started=st.integers(NOW, NOW + HOUR), due=st.integers(NOW + HOUR, NOW + 2 * HOUR),
    satisfied=st.sampled_from([0, NOW + HOUR, NOW + 3 * HOUR]), cancelled=st.just(0), cause=st.sampled_from(["", UNDONE]),
) | st.builds(
    Counted, brand=st.just(1), metric=st.just("first_response"), started=st.just(NOW), due=st.integers(NOW + HOUR, NOW + 2 * HOUR),
    satisfied=st.just(0), cancelled=st.integers(NOW + 1, NOW + 3 * HOUR),
)  # fmt: skip


@given(st.lists(counted, max_size=12))
def test_each_commitment_is_counted_once(commitments: list[Counted]) -> None:
    real = [c for c in commitments if c.cause != UNDONE]
    counts = [row[4:] for row in deltas([], commitments).promise_rows()]
    made, met, late, cancelled, dropped = (sum(c[n] for c in counts) for n in range(5))
    assert made == len(real)
    assert met == sum(bool(c.satisfied) and c.satisfied <= c.due for c in real)
    assert late == sum(c.satisfied > c.due for c in real)
    assert cancelled + dropped == sum(bool(c.cancelled) and not c.satisfied for c in real)
    assert met + late + cancelled + dropped <= made


@given(st.lists(counted, max_size=8), st.lists(counted, max_size=8))
def test_taking_back_leaves_nothing(before: list[Counted], after: list[Counted]) -> None:
    there, back = deltas(before, after), deltas(after, before)
    assert {k: tuple(-n for n in v) for k, v in there.promises.items()} == back.promises
    assert deltas(before, before).promise_rows() == [] and deltas(after, after).answer_rows() == []


def quiet(**changed: object) -> Situation:
    base: dict[str, object] = {
        "attained": 98.0, "due": 100, "target": 95.0, "soon": 0, "running_missed": 0, "held": 0, "held_minutes": 0
    }  # fmt: skip
    return Situation(**{**base, **changed})  # type: ignore[arg-type]


def test_nothing_is_said_when_all_is_right() -> None:
    assert concerns(quiet()) == []
    assert concerns(quiet(attained=50.0, due=3)) == [], "three promises are too few to worry"


def test_at_most_three_the_worst_first() -> None:
    many = quiet(
        attained=80.0, soon=18, held=5, held_minutes=41, topics=[("signal", "no signal", "4.1 times", 4.1), ("bill", "bill", "3 times", 3.0)],
        channels=[(7, "@care", "no_token", 12)],
    )  # fmt: skip
    got = concerns(many)
    assert len(got) == MOST and got[0].kind == "channel" and got[1].kind == "promises"
    assert (
        got[1].sentence
        == "Promises today 80.0 % (target 95); 18 more will be missed within 30 minutes at this pace."
    )


def test_what_is_in_doubt_needs_somebody() -> None:
    (one,) = concerns(quiet(doubtful_replies=1, doubtful_minutes=12))
    assert (
        one.kind == "doubtful"
        and one.sentence == "1 reply is in doubt, the oldest 12 min: look on the network, then decide."
    )
    (both,) = concerns(quiet(doubtful_replies=2, doubtful_deeds=1, doubtful_minutes=3))
    assert both.sentence.startswith("2 replies and 1 hiding or report are in doubt")


def test_a_figure_is_held_to_its_target_or_its_usual() -> None:
    assert judged(Measure(96.0, 96, 100), "more", 95.0) == "good"
    assert judged(Measure(91.0, 91, 100), "more", 95.0) == "watch"
    assert judged(Measure(50.0, 50, 100), "more", 95.0) == "bad"
    assert judged(Measure(None), "more", 95.0) == "unknown"
    assert judged(Measure(400.0, parts=(("missed", 0.0),)), "less", 0.0) == "good"
    assert judged(Measure(50.0, usual=(40.0, 60.0)), "usual", None) == "good"
    assert judged(Measure(500.0, usual=(40.0, 60.0)), "usual", None) == "bad"
    assert judged(Measure(500.0), "usual", None) == "unknown"


def test_a_second_is_the_first_bucket() -> None:
    assert bucket_of(0) == bucket_of(SECOND - 1) == 0 and bucket_of(SECOND) == 1


@pytest.mark.parametrize(
    ("said", "attained", "soon", "now"),
    [
        ("Promises today 91.2 % (target 95); 11 more will be missed within 30 minutes at this pace.", 91.1, 12,
         "Promises today 91.1 % (target 95); 12 more will be missed within 30 minutes at this pace."),
        ("Promises today 91.2 % (target 95); 11 more will be missed within 30 minutes at this pace.", None, 12,
         "Promises today 91.2 % (target 95); 12 more will be missed within 30 minutes at this pace."),
        ("Promises today 91.2 % (target 95).", 91.2, 0, "Promises today 91.2 % (target 95)."),
        ("6 more will be missed within 30 minutes at this pace.", 99.0, 7, "7 more will be missed within 30 minutes at this pace."),
        ("6 more will be missed within 30 minutes at this pace.", 99.0, 0, "No more promises will be missed at this pace."),
    ],
)  # fmt: skip
def test_what_is_said_of_promises_says_the_figures_of_now(
    said: str, attained: float | None, soon: int, now: str
) -> None:
    assert as_of_now(said, attained, 95.0, soon) == now


def test_said_again_with_the_same_figures_it_says_the_same() -> None:
    low = quiet(attained=91.2, due=100, target=95.0, soon=11)
    (concern,) = [one for one in concerns(low) if one.kind == "promises"]
    assert as_of_now(concern.sentence, 91.2, 95.0, 11) == concern.sentence
