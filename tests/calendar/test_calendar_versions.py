"""Calendars through time: written and read again, taken over on a day, and filled from a feed of holidays."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendar.test_calendar_walker import calendars
from townhall.calendar import Timetable, parse_calendar, succeed, write_calendar
from townhall.calendar.feed import read_feed
from townhall.kernel.clock import HOUR, MINUTE, from_iso
from townhall.kernel.errors import Refused


@given(calendars())
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_again(made):
    calendar = parse_calendar(made[0])
    assert parse_calendar(write_calendar(calendar)) == calendar


def office(hours: str, version: int = 1, **more):
    return parse_calendar(
        {"id": "o", "version": version, "zone": "Europe/Berlin", "weekly": {"mon-fri": [hours]}} | more
    )


@given(st.integers(-400, 400), st.integers(0, 30 * 24 * 60))
@settings(max_examples=100, deadline=None)
def test_a_new_version_never_changes_a_day_before_its_own(offset, minute):
    old, new, turn = office("09:00-17:00"), office("06:00-07:00", 2), date(2026, 6, 15)
    both = Timetable(parse_calendar(write_calendar(succeed(old, new, turn))))
    at = from_iso("2026-06-15T00:00:00+02:00") + offset * 24 * HOUR + minute * MINUTE
    expected = Timetable(old) if at < from_iso("2026-06-15T00:00:00+02:00") else Timetable(new)
    assert both.is_open(at) == expected.is_open(at)


FEED = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//ours//EN\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;VALUE=DATE:20260101\r
RRULE:FREQ=YEARLY\r
SUMMARY:New Year\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTART;VALUE=DATE:20261224\r
DTEND;VALUE=DATE:20261227\r
SUMMARY:Christmas\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3\r
DTSTART;VALUE=DATE:20260214\r
SUMMARY:Valentine\r
DESCRIPTION:Observance\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4\r
DTSTART:20261231T120000Z\r
DTEND:20261231T180000Z\r
SUMMARY:Half of New Year's Eve\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:5\r
DTSTART;VALUE=DATE:20260501\r
SUMMARY:Works outing\r
CATEGORIES:Holiday,Team\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_e2_06_days_of_a_feed_that_people_work_on_are_left_out_and_said():
    found = read_feed(FEED, date(2026, 1, 1), date(2028, 1, 1), without=["works outing"])
    assert [one.day for one in found.days] == [
        "2026-01-01", "2026-12-24", "2026-12-25", "2026-12-26", "2027-01-01",
    ]  # fmt: skip
    assert {(one.name, why) for one, why in found.left_out} == {
        ("Valentine", "an observance"),
        ("Half of New Year's Eve", "not a whole day; give its hours by hand"),
        ("Works outing", "named to be left out"),
    }
    all_of_it = read_feed(FEED, date(2026, 1, 1), date(2027, 1, 1), observances=True)
    assert "2026-02-14" in [one.day for one in all_of_it.days]


@pytest.mark.parametrize("source", [b"", b"no feed", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n"])
def test_what_is_no_feed_is_refused_or_empty(source):
    try:
        assert read_feed(source, date(2026, 1, 1), date(2027, 1, 1)).days == ()
    except Refused as refusal:
        assert "iCal" in str(refusal)


def test_a_half_day_is_a_special_day_with_hours():
    half = Timetable(office("09:00-17:00", exceptions=[{"date": "2026-12-24", "open": ["09:00-12:00"]}]))
    assert half.working_between(*half.span_of(date(2026, 12, 24))) == 3 * HOUR


def test_a_special_day_on_the_very_day_of_the_turn_is_the_new_ones():
    day = {"exceptions": [{"date": "2026-06-15"}]}
    table = Timetable(succeed(office("09:00-17:00"), office("09:00-17:00", 2, **day), date(2026, 6, 15)))
    assert table.working_between(*table.span_of(date(2026, 6, 15))) == 0
    kept = Timetable(succeed(office("09:00-17:00", **day), office("09:00-17:00", 2), date(2026, 6, 16)))
    assert kept.working_between(*kept.span_of(date(2026, 6, 15))) == 0
