"""Answers that are shown again for a short while, against a list that is walked."""

from hypothesis import given
from hypothesis import strategies as st

from townhall.beside.remembered import Remembered

LASTING, MOST = 10, 3


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 6)), max_size=60))
def test_the_young_ones_are_there_and_no_more_than_may_be(steps: list[tuple[bool, int, int]]) -> None:
    kept: Remembered[int] = Remembered(LASTING, MOST)
    said: list[tuple[int, int, int]] = []
    now = 0
    for number, (keeps, key, pause) in enumerate(steps):
        now += pause
        if keeps:
            kept.keep(key, number, now)
            said = [one for one in said if one[0] != key and now - one[2] < LASTING] + [(key, number, now)]
            said = said[-MOST:]
        else:
            young = [one[1] for one in said if one[0] == key and now - one[2] < LASTING]
            assert kept.get(key, now) == (young[-1] if young else None)


def test_one_as_old_as_that_is_gone() -> None:
    kept: Remembered[int] = Remembered(LASTING, MOST)
    kept.keep("it", 7, 0)
    assert (kept.get("it", LASTING - 1), kept.get("it", LASTING)) == (7, None)
