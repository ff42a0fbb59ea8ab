"""Whom a worker takes for stored: never somebody of a batch that failed, and never more than it may remember."""

from hypothesis import given
from hypothesis import strategies as st

from townhall.flow.familiar import Familiar

MOST = 6
BATCHES = st.lists(st.tuples(st.sets(st.integers(0, 30), max_size=8), st.booleans()), max_size=40)


@given(BATCHES)
def test_only_who_is_stored_is_familiar_and_memory_stays_flat(batches: list[tuple[set[int], bool]]) -> None:
    familiar, stored = Familiar(MOST), set[int]()
    for authors, commits in batches:
        unsure = familiar.unsure(authors)
        assert unsure <= authors and authors - unsure <= stored
        if commits:
            familiar.committed()
            stored |= authors
        assert len(familiar) <= 2 * (MOST + 8)


def test_who_comes_again_and_again_is_not_asked_about_twice() -> None:
    familiar = Familiar(MOST)
    for other in range(100):
        asked = familiar.unsure({-1, other})
        familiar.committed()
        assert other == 0 or -1 not in asked
