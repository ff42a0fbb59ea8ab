"""The demo's town says the same for the same seed, and a fault begins at any hour."""

from itertools import takewhile

import pytest

from townhall.kernel.clock import HOUR, MINUTE, from_iso
from townhall.run.demo.town import Town, rising

MIDNIGHT = from_iso("2026-11-30T00:00:00+00:00")


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("seed", [7, 8])
def test_a_fault_that_begins_is_told_at_every_hour(hour: int, seed: int) -> None:
    now = MIDNIGHT + hour * HOUR
    said = takewhile(
        lambda one: one.at <= now, Town(seed, "http://127.0.0.1").days(now - 14 * HOUR, 20, rising(now))
    )
    late = [one for one in said if one.at > now - 20 * MINUTE and one.act["type"] == "Create"]
    assert len([one for one in late if one.act["actor"]["type"] == "Person"]) >= 15, "ninety an hour"


def test_the_same_seed_says_the_same() -> None:
    def first() -> list[object]:
        stream = Town(7, "http://127.0.0.1").days(MIDNIGHT, 20, rising(MIDNIGHT))
        return [(one.at, one.account, one.act) for one, _ in zip(stream, range(300), strict=False)]

    assert first() == first()
