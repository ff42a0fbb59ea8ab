"""Skills, languages, requirements and shifts as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.kernel.clock import HOUR, from_iso
from townhall.kernel.errors import Refused
from townhall.routing.logic import Requirement
from townhall.routing.logic.levels import read_levels, read_needs, write_levels, write_needs
from townhall.routing.logic.shift import read_shift, runs, write_shift

names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)


@given(st.dictionaries(names, st.integers(1, 5), max_size=5))
@settings(max_examples=60, deadline=None)
def test_levels_are_read_as_they_are_written(found):
    levels = tuple(sorted(found.items()))
    assert read_levels(write_levels(levels)) == levels


@given(st.dictionaries(st.tuples(st.one_of(st.just(""), names), names), st.integers(1, 5), max_size=5))
@settings(max_examples=60, deadline=None)
def test_needs_are_read_as_they_are_written(found):
    needs = tuple(
        sorted((Requirement(s, n, r) for (r, s), n in found.items()), key=lambda x: (x.reason, x.skill))
    )
    assert read_needs(write_needs(needs)) == needs


def test_forms_that_people_use():
    assert read_levels("Billing 3, refunds\n") == (("billing", 3), ("refunds", 1))
    assert read_levels("EN 5; pt", languages=True) == (("en", 5), ("pt", 1))
    assert read_needs("billing 2, complaint: retention") == (
        Requirement("billing", 2), Requirement("retention", 1, "complaint"),
    )  # fmt: skip
    assert read_levels("") == read_needs(" \n") == ()


@pytest.mark.parametrize(
    "text", ["billing 6", "billing 0", "billing x", "billing 1 2", "bill!ng", "a 1, a 2", "²"]
)
def test_what_is_not_understood_is_named(text):
    with pytest.raises(Refused):
        read_levels(text)


@pytest.mark.parametrize("text", ["x: y: z", ": billing", "a: b, a: b 2", "why not: billing"])
def test_a_need_that_is_not_understood(text):
    with pytest.raises(Refused):
        read_needs(text)


def test_a_language_is_a_code():
    with pytest.raises(Refused, match="language"):
        read_levels("english 3", languages=True)


SHIFT = "mon-fri 09:00-12:30, 13:30-17:30\nsat 22:00-06:00\n2026-12-24 09:00-12:00\n2026-12-25 off"


def test_a_shift_runs_in_the_brand_s_zone():
    document = read_shift(SHIFT, "Europe/London")
    assert write_shift(document) == SHIFT
    for at, expected in (
        ("2026-07-06T08:00:00+00:00", True),  # nine in the morning in London's summer
        ("2026-07-06T07:59:59+00:00", False),
        ("2026-07-06T12:00:00+00:00", False),
        ("2026-01-04T05:59:59+00:00", True),  # the night of Saturday
        ("2026-12-24T12:30:00+00:00", False),
        ("2026-12-25T10:00:00+00:00", False),
    ):
        assert runs(document, from_iso(at)) is expected, at


def test_no_shift_always_runs_and_days_off_alone_are_off_for_ever():
    assert read_shift(" \n ", "UTC") is None and runs(None, 5 * HOUR)
    assert write_shift(None) == ""


@pytest.mark.parametrize(
    "text", ["monday 09:00-17:00", "mon 9-17", "mon 09:00-17:00\nmon 18:00-19:00", "2026-13-01 off", "off"]
)
def test_a_shift_that_is_not_understood(text):
    with pytest.raises(Refused, match=r"mon-fri 09:00-17:00|twice"):
        read_shift(text, "UTC")
