"""Numbers of forms and links: what the database can keep, in plain digits, and nothing else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from townhall.kernel.clock import to_iso
from townhall.kernel.digits import moment, whole

LARGEST = 9_223_372_036_854_775_807


@given(st.integers(0, LARGEST))
def test_what_a_column_keeps_is_read(number: int) -> None:
    assert whole(str(number)) == number


@given(st.integers(min_value=LARGEST + 1) | st.integers(max_value=-1))
def test_what_no_column_keeps_is_not(number: int) -> None:
    assert whole(str(number)) is None


@given(st.text().filter(lambda text: not (text.isascii() and text.isdigit())))
def test_words_are_no_numbers(text: str) -> None:
    assert whole(text) is None


def test_so_many_digits_that_python_refuses_them_are_refused_in_peace() -> None:
    assert whole("9" * 5_000) is None and whole("") is None


END = datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)


@given(st.integers(0, LARGEST))
def test_a_moment_is_one_that_a_calendar_knows(number: int) -> None:
    known = number <= (END - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert moment(str(number)) == (number if known else None)
    assert not known or to_iso(number)
