"""Surges of volume, and the score they are measured by."""

import math
import random
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.analytics.logic.surge import LEAST, RAISE_AT, TIMES, Surge
from townhall.run.bench.nab import nab_score

DAY = 288


def _day(slot: int, chance: random.Random) -> float:
    return max(0.0, 40 + 25 * math.sin(slot / DAY * 2 * math.pi) + chance.gauss(0, 4))


def made(days: int, rate: float, seed: int, swing: float = 0.8, weekend: float = 1.0, growth: float = 1.0):
    """Poisson counts with a season by the day, quieter weekends and growth by the day."""
    at = np.arange(days * DAY)
    mean = rate * (1 + swing * np.sin(2 * np.pi * at / DAY)) * growth ** (at / DAY)
    mean = np.where(at // DAY % 7 >= 5, weekend * mean, mean)
    return np.random.default_rng(seed).poisson(mean).tolist()


def told(counts, **given) -> list[int]:
    watch = Surge(**given)
    return [n for n, count in enumerate(counts) if watch.step(count).news]


def test_a_day_like_the_others_is_no_surge_and_a_sudden_crowd_is() -> None:
    chance, surge = random.Random(5), Surge()
    usual = [surge.step(_day(slot, chance)) for slot in range(DAY * 6)]
    assert max(reading.score for reading in usual) < RAISE_AT
    crowd = surge.step(400.0)
    assert crowd.score > RAISE_AT and 4 < crowd.times < 30 and "as many as expected" in crowd.reason()


def test_the_same_crowd_is_told_once_and_a_stronger_one_again() -> None:
    chance, surge = random.Random(6), Surge()
    for slot in range(DAY * 3):
        surge.step(_day(slot, chance))
    news = [surge.step(400.0).news for _ in range(24)]
    assert news[0] and sum(news) == 1
    assert surge.step(20_000.0).news


def test_a_crowd_that_grows_by_and_by_is_one_incident() -> None:
    chance, surge = random.Random(6), Surge()
    for slot in range(DAY * 3):
        surge.step(_day(slot, chance))
    assert sum(surge.step(80 * 1.2**n).news for n in range(36)) == 1


@pytest.mark.parametrize("rate", [0.02, 0.3, 3, 30, 300])
def test_chance_seasons_weekends_and_growth_are_no_surges(rate: float) -> None:
    """Six weeks each. The first Monday may be told: nobody has seen one. A series with few posts may be told now and then."""
    assert len(told(made(42, rate, 1))) <= 2
    assert len(told(made(42, rate, 2, growth=1.1))) <= 2
    weekly = [n for n in told(made(42, rate, 3, weekend=0.4)) if n // DAY != 7]
    assert len(weekly) <= 2


def test_a_slow_wave_is_told_by_what_an_hour_holds() -> None:
    """Three times the usual, and never more than twelve posts in five minutes, which chance can do."""
    counts = made(16, 3, 4, swing=0)
    counts[4_500:4_536] = [9, 10, 8, 11, 9, 7, 9, 10, 8] * 4
    (wave,) = told(counts)
    assert 4_500 <= wave <= 4_536
    watch = Surge()
    reading = [watch.step(count) for count in counts][wave]
    assert reading.minutes >= 15 and reading.posts >= TIMES * reading.usual


def test_what_comes_every_night_is_learnt_and_what_never_came_is_told() -> None:
    counts = made(30, 5, 5)
    for day in range(30):
        counts[day * DAY + 40 : day * DAY + 43] = [150, 200, 170]
    counts[25 * DAY + 150] = 150
    found = told(counts)
    assert 25 * DAY + 150 in found, "at an hour at which nothing ever comes"
    later = [n for n in found if n > 14 * DAY and n != 25 * DAY + 150]
    assert len(later) <= 3 and len(found) <= 10, "about once a week at most, of sixteen nights"


def test_one_crisis_does_not_silence_the_next() -> None:
    counts = made(20, 5, 6)
    counts[15 * DAY : 15 * DAY + 40] = [5_000] * 40
    counts[17 * DAY + 100 : 17 * DAY + 110] = [90] * 10
    assert {15 * DAY, 17 * DAY + 100} <= set(told(counts))


def test_a_house_that_was_off_for_days_is_not_told_of_its_own_return() -> None:
    counts = made(30, 20, 7)
    counts[20 * DAY : 26 * DAY] = [0] * 6 * DAY
    assert told(counts) == told(made(30, 20, 7)[: 20 * DAY])


def usual_by_hand(counts: list[int], slot: int) -> list[float]:
    """What is usual in each slot, everything looked up in the whole series: no zero days, from a midnight on."""
    size, day = max(1, 1_800 // slot), 86_400 // slot
    bins = day // size
    rates = [sum(counts[n : n + size]) / size for n in range(0, len(counts), size)]
    season: list[float | None] = []
    for here in range(len(rates)):
        found = []
        for back in range(here - bins, max(-1, here - 7 * bins - 1), -bins):
            around = rates[max(0, back - 1) : min(here, back + 2)]
            found.append(sum(around) / len(around))
        season.append(median(found) if found else None)
    usual = []
    for here in range(len(rates)):
        seasonal = season[here]
        if seasonal is None:
            usual += [median(rates[:here]) if here else counts[0]] * size
            continue
        ran = [(rates[n] * size + 1) / (s * size + 1) for n in range(here) if (s := season[n]) is not None]
        trend = 1.0
        if len(ran) >= bins:
            week = median(ran[-7 * bins :][: bins // 4]) if len(ran) >= 7 * bins else 0
            trend = min(2.0, max(0.5, week, median(ran[-bins:])))
        usual += [seasonal * trend] * size
    return usual[: len(counts)]


def scores_by_hand(counts: list[int], slot: int) -> list[tuple[float, bool]]:
    """The score of each slot, and whether it is clear of the borders at which figures of another order may differ."""
    day, usual = 86_400 // slot, usual_by_hand(counts, slot)
    scores, clear = [0.0] * len(counts), [True] * len(counts)
    for width in {max(1, minutes * 60 // slot) for minutes in (5, 15, 60, 180)}:
        sums = [[sum(row[max(0, n - width + 1) : n + 1]) for n in range(len(row))] for row in (counts, usual)]
        above = [math.sqrt(posts) - math.sqrt(expected) for posts, expected in zip(*sums, strict=True)]
        first = max(3.0, 2 * max(0.0, *above[: max(1, 3_600 // slot)]))
        most: list[float] = []
        for n, (posts, expected) in enumerate(zip(*sums, strict=True)):
            if n and n % day == 0:
                bar = _bar(most, first)
                most.append(min(2 * bar, max(0.0, *above[n - day : n])))
            clear[n] = clear[n] and abs(posts - TIMES * expected) > 1e-6
            if n >= max(1, 3_600 // slot) and posts >= max(LEAST, TIMES * expected):
                scores[n] = max(scores[n], above[n] / _bar(most, first))
    return list(zip(scores, clear, strict=True))


def _bar(most: list[float], first: float) -> float:
    last = sorted(most[-14:], reverse=True)
    return max(2.0, last[0 if len(last) <= 10 else 1]) if last else first


@settings(max_examples=20, deadline=None)
@given(
    slot=st.sampled_from([900, 7_200]),
    days=st.integers(2, 19),
    seed=st.integers(0, 999),
    bursts=st.lists(st.tuples(st.floats(0, 1), st.integers(20, 900)), max_size=8),
)
def test_the_whole_is_as_by_hand(slot: int, days: int, seed: int, bursts: list[tuple[float, int]]) -> None:
    """An oracle that shares no code and forgets nothing, up to a bar of fourteen days and a trend of a week."""
    size = 86_400 // slot * min(days, 4 if slot == 900 else 19)
    counts = [1 + int(n) for n in np.random.default_rng(seed).poisson(7, size)]
    for place, posts in bursts:
        counts[int(place * (size - 1))] += posts
    watch = Surge(slot)
    got = [watch.step(count).score for count in counts]
    for found, (score, clear) in zip(got, scores_by_hand(counts, slot), strict=True):
        assert not clear or found == pytest.approx(score, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1e6), max_size=60))
def test_any_counts_are_read(counts: list[float]) -> None:
    surge = Surge(slot=21_600)
    assert all(surge.step(count).score >= 0 for count in counts)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 2_000), min_size=300, max_size=400), st.integers(0, 287))
def test_nothing_is_told_twice_in_a_day_unless_it_is_twice_as_unusual(counts: list[int], first: int) -> None:
    watch, most, last = Surge(first=first), 0.0, -DAY
    for n, count in enumerate(counts):
        reading = watch.step(count)
        if reading.news:
            assert n - last >= DAY or reading.score >= 2 * most
            most, last = reading.score, n
        most = max(most, reading.score)


def test_silence_scores_nothing_and_an_alarm_at_each_start_everything() -> None:
    windows = [(900, 999), (2000, 2100)]
    quiet = [0.0] * 4000
    perfect = [1.0 if row in (900, 2000) else 0.0 for row in range(4000)]
    assert nab_score([(quiet, windows)], 0.5) == 0
    assert 99 < nab_score([(perfect, windows)], 0.5) <= 100


def test_late_is_worth_less_and_false_costs() -> None:
    windows = [(900, 999)]
    early, late = ([1.0 if row == at else 0.0 for row in range(2000)] for at in (900, 999))
    false = [1.0 if row in (900, 1500) else 0.0 for row in range(2000)]
    scored = [nab_score([(row, windows)], 0.5) for row in (early, late, false)]
    assert scored[0] > scored[2] > scored[1]
