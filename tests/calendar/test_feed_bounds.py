"""A stranger's feed is read in bounded time: no rule by the second, no thousands of days laid out again and again."""

import time
from datetime import date

import pytest

from townhall.calendar.feed import read_feed
from townhall.kernel.errors import Refused

FIRST, UNTIL = date(2026, 1, 1), date(2028, 1, 1)


def feed(rule: str, events: int = 1, end: str = "20260102") -> bytes:
    one = f"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:{end}\r\nSUMMARY:Off\r\n{rule}\r\nEND:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{one * events}END:VCALENDAR\r\n".encode()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (feed("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"), "oftener"),
        (feed("RRULE:FREQ=HOURLY"), "oftener"),
        (feed("RRULE:FREQ=DAILY", 50, "20261231"), "more than 20,000 days"),
    ],
)
def test_a_feed_that_would_take_for_ever_is_refused_soon(source: bytes, why: str) -> None:
    began = time.monotonic()
    with pytest.raises(Refused, match=why):
        read_feed(source, FIRST, UNTIL)
    assert time.monotonic() - began < 5


def test_a_day_that_comes_back_is_still_laid_out() -> None:
    days = read_feed(feed("RRULE:FREQ=YEARLY"), FIRST, UNTIL).days
    assert [one.day for one in days] == ["2026-01-01", "2027-01-01"]
