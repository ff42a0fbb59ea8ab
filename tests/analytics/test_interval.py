"""A share's interval, against one found by bisection on what it means, sharing no formula with it."""

from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from townhall.analytics.logic.interval import LEAST, share

Z = 1.959963984540054


@given(st.integers(LEAST, 4000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_interval_is_the_inverted_score_test(counts: tuple[int, int]) -> None:
    part, whole = counts
    found, seen = share(part, whole), part / whole
    assert found is not None
    low = 0.0 if part == 0 else lower(part, whole)
    high = 1.0 if part == whole else 1 - lower(whole - part, whole)
    assert abs(found.low - 100 * low) <= 0.1001 and abs(found.high - 100 * high) <= 0.1001
    assert found.low <= 100 * low + 1e-6 and found.high >= 100 * high - 1e-6, "rounded outwards"
    assert found.low <= found.percent <= found.high and abs(found.percent - 100 * seen) <= 0.0501


def lower(part: int, whole: int) -> float:
    """The least true share from which one would still see so many."""
    seen, low, high = part / whole, 0.0, part / whole
    for _ in range(80):
        middle = (low + high) / 2
        if seen - middle <= Z * sqrt(middle * (1 - middle) / whole):
            high = middle
        else:
            low = middle
    return high


@given(st.integers(0, LEAST - 1), st.integers(0, LEAST - 1))
def test_too_few_have_no_share(part: int, whole: int) -> None:
    assert share(min(part, whole), whole) is None


def test_known_values() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662."""
    found = share(81, 263)
    assert found is not None and (found.low, found.high) == (25.5, 36.7)
