"""Surges of volume, and the score they are measured by."""

import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.analytics.logic.surge import RAISE_AT, Surge
from townhall.run.bench.nab import nab_score


def _day(slot: int, chance: random.Random) -> float:
    return max(0.0, 40 + 25 * math.sin(slot / 288 * 2 * math.pi) + chance.gauss(0, 4))


def test_a_day_like_the_others_is_no_surge_and_a_sudden_crowd_is() -> None:
    chance, surge = random.Random(5), Surge()
    usual = [surge.step(_day(slot, chance)) for slot in range(288 * 6)]
    assert max(reading.score for reading in usual) < RAISE_AT
    crowd = surge.step(400.0)
    assert crowd.score > RAISE_AT and 4 < crowd.times < 30 and "times the usual" in crowd.reason()


def test_the_same_crowd_is_told_once_and_a_stronger_one_again() -> None:
    chance, surge = random.Random(6), Surge()
    for slot in range(288 * 3):
        surge.step(_day(slot, chance))
    told = [surge.step(400.0).score >= RAISE_AT for _ in range(24)]
    assert told[0] and sum(told) == 1
    assert surge.step(2_000.0).score >= RAISE_AT


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1e6), max_size=60))
def test_any_counts_are_read(counts: list[float]) -> None:
    surge = Surge(slot=21_600)
    assert all(surge.step(count).score >= 0 for count in counts)


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
