"""In its first day a series has nothing to be held against but chance."""

from hypothesis import given
from hypothesis import strategies as st

from townhall.analytics.logic.surge import Surge


def told(counts):
    watch = Surge()
    return [n for n, count in enumerate(counts) if watch.step(count).news]


def test_a_burst_on_the_first_day_is_told_at_once():
    assert told([2] * 40 + [60])[0] == 40


def test_nothing_is_told_in_the_first_hour():
    assert told([0] * 11 + [500]) == []


@given(st.lists(st.integers(0, 3), min_size=13, max_size=250))
def test_small_counts_are_chance(counts):
    assert told(counts) == []


def test_the_second_day_begins_with_a_bar_of_its_own():
    """What the first day called a surge does not silence the second, whose measure is another."""
    quiet = [4 + n % 3 for n in range(600)]
    quiet[50], quiet[400] = 4_000, 200
    assert {50, 400} <= set(told(quiet))
