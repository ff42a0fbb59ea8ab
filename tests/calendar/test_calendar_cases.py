"""Cases that help desks got wrong, by name."""

from datetime import date

import pytest

from townhall.calendar import (
    ALWAYS,
    Timetable,
    add_working,
    is_open,
    next_open,
    parse_calendar,
    succeed,
    working_between,
)
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, from_iso, to_iso
from townhall.kernel.errors import Refused

OFFICE = {
    "id": "office",
    "zone": "Europe/London",
    "weekly": {"mon-fri": ["09:00-17:00"]},
    "exceptions": [
        {"date": "2026-12-25", "name": "Christmas Day"},
        {"date": "2026-12-24", "open": ["09:00-12:00"], "name": "Christmas Eve"},
    ],
}


def due(document: dict, start: str, budget: int) -> str:
    return to_iso(add_working(parse_calendar(document), from_iso(start), budget))[:-8]


@pytest.mark.parametrize(
    ("name", "start", "budget", "expected"),
    [
        ("friday afternoon", "2026-11-20T16:30:00Z", HOUR, "2026-11-23T09:30:00"),
        ("before opening", "2026-11-23T07:12:00Z", HOUR, "2026-11-23T10:00:00"),
        ("at opening", "2026-11-23T09:00:00Z", HOUR, "2026-11-23T10:00:00"),
        ("at the closing minute", "2026-11-23T16:59:00Z", HOUR, "2026-11-24T09:59:00"),
        ("at closing", "2026-11-23T17:00:00Z", HOUR, "2026-11-24T10:00:00"),
        ("used up at closing", "2026-11-23T16:00:00Z", HOUR, "2026-11-23T17:00:00"),
        ("used up at a later closing", "2026-11-23T16:00:00Z", 9 * HOUR, "2026-11-24T17:00:00"),
        ("on a holiday", "2026-12-25T11:00:00Z", HOUR, "2026-12-28T10:00:00"),
        ("into a half day", "2026-12-24T11:30:00Z", HOUR, "2026-12-28T09:30:00"),
        ("fifteen seconds", "2026-11-23T12:00:00Z", 15 * SECOND, "2026-11-23T12:00:15"),
        ("over the spring change", "2026-03-27T16:00:00Z", 2 * HOUR, "2026-03-30T09:00:00"),
        ("over the autumn change", "2026-10-23T15:00:00Z", 2 * HOUR, "2026-10-26T10:00:00"),
        ("nothing to do", "2026-11-21T03:00:00Z", 0, "2026-11-21T03:00:00"),
    ],
)
def test_an_office(name, start, budget, expected):
    assert due(OFFICE, start, budget) == expected


def test_lunch_is_not_working_time():
    document = {"id": "lunch", "zone": "UTC", "weekly": {"mon-fri": ["09:00-12:30", "13:30-17:00"]}}
    assert due(document, "2026-11-23T12:00:00Z", HOUR) == "2026-11-23T14:00:00"
    assert not is_open(parse_calendar(document), from_iso("2026-11-23T12:30:00Z"))


NIGHT = {
    "id": "night",
    "zone": "UTC",
    "weekly": {"mon-sun": ["22:00-06:00"]},
    "exceptions": [{"date": "2026-12-25"}],
}


def test_a_night_shift_over_a_holiday():
    # The holiday speaks for its whole date: the shift of the 24th ends at midnight, that of the 25th does not begin.
    assert due(NIGHT, "2026-12-24T23:00:00Z", 2 * HOUR) == "2026-12-26T23:00:00"
    calendar = parse_calendar(NIGHT)
    assert (
        working_between(calendar, from_iso("2026-12-24T00:00:00Z"), from_iso("2026-12-27T00:00:00Z"))
        == 10 * HOUR
    )


def test_a_night_shift_may_finish_on_the_holiday():
    document = {**NIGHT, "exceptions": [{"date": "2026-12-25", "keep_night": True}]}
    assert due(document, "2026-12-24T23:00:00Z", 7 * HOUR) == "2026-12-25T06:00:00"
    assert due(document, "2026-12-24T23:00:00Z", 8 * HOUR) == "2026-12-26T23:00:00"


def test_around_the_clock_has_no_seams():
    start = from_iso("2026-03-28T23:59:59Z")
    assert Timetable(ALWAYS).add_working(start, 400 * DAY + 1) == start + 400 * DAY + 1
    london = parse_calendar({"id": "x", "zone": "Europe/London", "weekly": "always"})
    assert working_between(london, start, start + 300 * DAY) == 300 * DAY


def test_hours_in_a_gap_and_in_an_overlap():
    early = {"id": "early", "zone": "Europe/London", "weekly": {"sun": ["01:30-03:00"]}}
    calendar = parse_calendar(early)
    # 29 March: 01:00 to 02:00 does not exist; open from the jump (01:00 UTC) to 03:00 BST.
    assert (
        working_between(calendar, from_iso("2026-03-29T00:00:00Z"), from_iso("2026-03-30T00:00:00Z")) == HOUR
    )
    assert to_iso(next_open(calendar, from_iso("2026-03-29T00:00:00Z")))[:16] == "2026-03-29T01:00"
    # 25 October: 01:00 to 02:00 comes twice; the shift begins at its first 01:30 and lasts an hour longer.
    assert (
        working_between(calendar, from_iso("2026-10-25T00:00:00Z"), from_iso("2026-10-26T00:00:00Z"))
        == 150 * MINUTE
    )


def test_a_zone_with_three_quarters_of_an_hour():
    document = {"id": "ktm", "zone": "Asia/Kathmandu", "weekly": {"sun-fri": ["10:00-17:00"]}}
    assert due(document, "2026-11-23T00:00:00Z", HOUR) == "2026-11-23T05:15:00"


def test_midnight_that_comes_twice():
    # Newfoundland set its clocks back at 00:01 until 2011: the wall shows Sunday for a minute, then Saturday again.
    document = {"id": "nl", "zone": "America/St_Johns", "weekly": {"sun": ["00:00-02:00"]}}
    first = from_iso("2010-11-07T00:00:00-02:30")
    for days in range(1, 130):
        timetable = Timetable(parse_calendar(document))
        assert not timetable.is_open(first - days * DAY - HOUR * 12)
        assert [timetable.is_open(first + minutes * MINUTE) for minutes in (-1, 0, 30, 60, 179, 180)] == [
            False, True, True, True, True, False,
        ]  # fmt: skip


def test_a_day_that_never_was():
    document = {"id": "apia", "zone": "Pacific/Apia", "weekly": {"mon-sun": ["08:00-10:00"]}}
    calendar = parse_calendar(document)
    # Friday 30 December 2011 was left out; only Thursday's and Saturday's hours were worked.
    assert (
        working_between(
            calendar, from_iso("2011-12-29T00:00:00-10:00"), from_iso("2011-12-31T23:00:00+14:00")
        )
        == 4 * HOUR
    )


def test_no_working_time_is_an_answer_and_not_a_loop():
    never = parse_calendar({"id": "never", "zone": "UTC", "weekly": {}})
    with pytest.raises(Refused, match="no working time in the 400 days"):
        add_working(never, from_iso("2026-01-01T00:00:00Z"), 1)
    with pytest.raises(Refused, match="no working time in the 400 days"):
        next_open(never, from_iso("2026-01-01T00:00:00Z"))
    assert working_between(never, 0, from_iso("2026-01-01T00:00:00Z")) == 0


def test_a_long_break_is_refused_whatever_was_asked_before():
    document = {
        "id": "break",
        "zone": "UTC",
        "seasons": [
            {"until": "2024-01-01", "weekly": "always"},
            {"from": "2025-06-01", "weekly": "always"},
        ],
    }
    timetable = Timetable(parse_calendar(document))
    assert (
        timetable.working_between(from_iso("2023-12-31T00:00:00Z"), from_iso("2025-06-02T00:00:00Z"))
        == 2 * DAY
    )
    for _ in range(2):
        with pytest.raises(Refused, match="after 2024-01-01"):
            timetable.add_working(from_iso("2023-12-31T23:00:00Z"), 2 * HOUR)
        with pytest.raises(Refused):
            timetable.next_open(from_iso("2024-02-01T00:00:00Z"))
    assert to_iso(timetable.next_open(from_iso("2025-01-01T00:00:00Z"))).startswith("2025-06-01")


def test_a_deadline_past_the_end_of_calendars():
    with pytest.raises(Refused, match="past the year 2200"):
        add_working(ALWAYS, from_iso("2199-01-01T00:00:00Z"), 1000 * DAY)
    with pytest.raises(Refused, match="outside 1900 to 2200"):
        is_open(ALWAYS, 1 << 62)
    with pytest.raises(Refused, match="negative"):
        add_working(ALWAYS, 0, -1)


def test_new_hours_hold_from_their_day_on():
    old = parse_calendar({"id": "c", "version": 1, "zone": "UTC", "weekly": {"mon-fri": ["09:00-17:00"]}})
    new = parse_calendar({"id": "c", "version": 2, "zone": "UTC", "weekly": {"mon-sun": ["08:00-20:00"]}})
    both = succeed(old, new, date(2026, 6, 1))
    assert both.version == 2
    assert (
        working_between(both, from_iso("2026-05-25T00:00:00Z"), from_iso("2026-06-01T00:00:00Z")) == 40 * HOUR
    )
    assert (
        working_between(both, from_iso("2026-06-01T00:00:00Z"), from_iso("2026-06-08T00:00:00Z")) == 84 * HOUR
    )
    with pytest.raises(Refused, match="zone changes"):
        succeed(old, parse_calendar({"id": "c", "zone": "Europe/London", "weekly": {}}), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"zone": "Europe/Atlantis"}, "calendar.zone"),
        ({"zone": "../../etc/passwd"}, "calendar.zone"),
        ({"version": "1"}, "calendar.version"),
        ({"weekly": {"mon-fri": ["9-17"]}}, "weekly.mon-fri"),
        ({"weekly": {"mon": ["09:00-09:00"]}}, "empty"),
        ({"weekly": {"mon": ["09:61-10:00"]}}, "no time of day"),
        ({"weekly": {"mon": ["09:00-24:01"]}}, "no time of day"),
        ({"weekly": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "overlap"),
        ({"weekly": {"mon-wed": [], "tue": []}}, "tue is given twice"),
        ({"weekly": {"noday": []}}, "no such day"),
        ({"weekly": 7}, "weekly"),
        ({"exceptions": [{"date": "25.12.2026"}]}, r"exceptions\[0\].date"),
        ({"exceptions": [{"date": "2026-12-25"}, {"date": date(2026, 12, 25)}]}, "given twice"),
        ({"exceptions": [{"date": "2026-12-25", "closed": True}]}, "unknown field closed"),
        ({"colour": "red"}, "unknown field colour"),
        ({"seasons": []}, "either weekly or seasons"),
        ({"id": ""}, "calendar.id"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    with pytest.raises(Refused, match=message):
        parse_calendar({**OFFICE, **change})


def test_seasons_may_not_overlap():
    weekly = {"mon": ["09:00-10:00"]}
    seasons = [{"until": "2026-06-02", "weekly": weekly}, {"from": "2026-06-01", "weekly": weekly}]
    with pytest.raises(Refused, match="2026-06-01 is in two seasons"):
        parse_calendar({"id": "s", "zone": "UTC", "seasons": seasons})


def test_the_first_night_of_a_table_is_whole():
    calendar, now = parse_calendar(NIGHT), from_iso("2026-06-15T03:00:00Z")
    for back in range(95, 115):  # wherever the table, laid out for now, begins
        timetable = Timetable(calendar)
        assert timetable.is_open(now)
        assert timetable.is_open(now - back * DAY)
