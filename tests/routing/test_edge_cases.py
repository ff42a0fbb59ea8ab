"""The twenty-six cases that help desks' own tests, issues and changelogs show going wrong, by number.

Those that need a database are in ``tests/flow/test_edge_cases_flow.py``, under the same numbers.
"""

from datetime import date
from itertools import permutations

import pytest
from msgspec.structs import replace

from tests.routing.day import (
    ALWAYS,
    FIRST,
    NEXT,
    OFFICE,
    at,
    closed,
    event,
    hours,
    line,
    lines,
    metered,
    minutes,
    replied,
    told,
    when,
    wrote,
)  # fmt: skip
from townhall.calendar import parse_calendar, succeed, working_between
from townhall.desk.clocks import Running, clock_view
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, from_iso
from townhall.routing.logic import ClockEvent, Target, Terms, advance, begin, fold, retarget
from townhall.routing.logic.clock import adopt


def test_e2_01_an_update_target_below_the_first_response_leaves_the_first_response_alone():
    asked, answered = wrote("11-23T09:00"), replied("11-23T09:50")
    assert metered("periodic_update", asked, within=30 * MINUTE) == []
    found = metered("periodic_update", asked, answered, within=30 * MINUTE)
    assert lines(found) == ["periodic_update due 11-23T10:20 open"]
    assert told(asked, answered) == ["first_response due 11-23T10:00 met 11-23T09:50"]


def test_e2_02_closing_writes_the_resolution_at_the_moment_of_closing():
    found = metered("resolution", wrote("11-23T09:00"), closed("11-23T11:30"))
    assert lines(found) == ["resolution due 11-23T17:00 met 11-23T11:30"]
    assert minutes(found[0].spent) == 150


def test_e2_03_an_agent_who_writes_twice_starts_nothing_and_a_customer_who_does_moves_nothing():
    twice = told(wrote("11-23T09:00"), replied("11-23T09:10"), replied("11-23T09:20"))
    assert twice == ["first_response due 11-23T10:00 met 11-23T09:10"]
    assert told(wrote("11-23T09:00"), wrote("11-23T09:40", 2)) == ["first_response due 11-23T10:00 open"]


@pytest.mark.parametrize("cause", ["customer", "approval", "third_party", "outage"])
def test_e2_04_a_reopened_case_pauses_for_every_cause(cause):
    found = told(
        wrote("11-23T09:00"), closed("11-23T09:30"), event("11-23T10:00", "reopen"),
        event("11-23T10:10", "pause", cause), event("11-23T12:10", "resume", cause),
    )  # fmt: skip
    assert found[-1] == "first_response due 11-23T12:30 open"


def test_e2_05_a_merged_case_has_no_clock_left():
    events = wrote("11-23T09:00"), event("11-23T09:05", "close", "merged_into/12")
    assert told(*events) == ["first_response due 11-23T10:00 merged_into/12 11-23T09:05"]
    assert lines(metered("resolution", *events)) == [
        "resolution due 11-23T17:00 merged_into/12 11-23T09:05"
    ], "a merge solves nothing"


def test_e2_08_only_business_hours_friday_1630():
    assert told(wrote("11-20T16:30")) == ["first_response due 11-23T09:30 open"]


def test_e2_09_lunch_and_split_shifts():
    split = hours({"mon-fri": ["09:00-12:30", "13:30-17:30"], "sat": ["10:00-11:00", "16:00-18:00"]}, "UTC")
    assert told(wrote("11-23T12:00"), by=split) == ["first_response due 11-23T14:00 open"]
    assert told(wrote("11-28T10:30"), by=split) == ["first_response due 11-28T16:30 open"]


def test_e2_10_a_late_answer_is_late_though_nobody_looked_in_between():
    assert told(wrote("11-23T09:00"), replied("11-23T10:00:01")) == [
        "first_response due 11-23T10:00 missed 11-23T10:00"
    ]
    assert lines(metered("resolution", wrote("11-23T09:00"), closed("11-24T09:01"))) == [
        "resolution due 11-23T17:00 missed 11-24T09:01"
    ]


def test_e2_11_a_customer_back_after_days_starts_anew():
    found = told(
        wrote("11-23T09:00"), replied("11-23T09:01", "ai/draft"), closed("11-23T09:02", "ai/draft"),
        wrote("11-28T09:00", 2), replied("11-28T09:10"), by=ALWAYS,
    )  # fmt: skip
    assert found == [
        "first_response due 11-23T10:00 met 11-23T09:01",
        "next_response due 11-28T13:00 met 11-28T09:10",
    ], "ten minutes, not five days"


def test_e2_12_agents_work_counts_neither_the_machines_time_nor_nobodys():
    found = metered(
        "agent_work", wrote("11-23T09:00"), replied("11-23T09:01", "ai/draft"), wrote("11-23T10:00", 2),
        event("11-23T12:00", "assign", by="staff/1"), replied("11-23T12:20"), closed("11-23T16:00"),
    )  # fmt: skip
    assert minutes(found[0].spent) == 20


def test_e2_13_a_later_priority_rewrites_nothing_that_was_promised():
    terms = Terms(Target(4 * HOUR), NEXT, OFFICE)
    answered = advance(advance(begin(), wrote("11-23T09:00"), terms), replied("11-23T11:00"), terms)
    urgent = Terms(Target(30 * MINUTE), Target(30 * MINUTE), OFFICE)
    assert retarget(answered, at("11-23T12:00"), urgent).promises == answered.promises
    after = advance(retarget(answered, at("11-23T12:00"), urgent), wrote("11-23T13:00", 2), urgent)
    assert [line(p) for p in after.promises] == [
        "first_response due 11-23T13:00 met 11-23T11:00",
        "next_response due 11-23T13:30 open",
    ]


def test_e2_14_two_events_of_one_instant_have_one_result():
    events = [wrote("11-23T09:00", 1), wrote("11-23T09:00", 2), wrote("11-23T09:00", 3)]
    strict, loose = Terms(Target(HOUR), NEXT, OFFICE), Terms(Target(2 * HOUR), NEXT, OFFICE)
    terms = {1: strict, 2: loose, 3: loose}
    dues = set()
    for order in permutations(events):
        state = begin()
        for one in order:
            state = advance(state, one, terms[one.post])
        dues.add(line(state.promises[-1]))
    assert dues == {"first_response due 11-23T10:00 open"}


@pytest.mark.parametrize(
    ("start", "due"),
    [("2026-03-28T23:30:00Z", "2026-03-29T02:30:00Z"), ("2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z")],
)
def test_e2_15_a_week_in_which_the_clocks_change(start, due):
    night = hours("always", "Europe/London")
    assert night.add_working(from_iso(start), 3 * HOUR) == from_iso(due)
    week = night.working_between(from_iso("2026-03-23T00:00:00Z"), from_iso("2026-03-29T23:00:00Z"))
    assert week == 7 * DAY - HOUR
    once = [ClockEvent(from_iso(start), "customer", post=1), ClockEvent(from_iso(due), "brand", by="staff/1")]
    assert len(fold(once, FIRST, NEXT, night)) == 1


def test_e2_16_a_holiday_over_the_boundary_of_the_week():
    office = hours(exceptions=[{"date": f"2026-12-{day}"} for day in (26, 27, 28)])
    assert told(wrote("12-25T16:30"), by=office) == ["first_response due 12-29T09:30 open"]
    assert office.working_between(at("12-25T09:00"), at("12-29T17:00")) == 16 * HOUR


def test_e2_17_around_the_clock_has_no_gaps_and_what_is_solved_out_of_hours_still_counts():
    assert ALWAYS.working_between(at("01-01T00:00"), at("12-31T00:00")) == 364 * DAY
    found = told(wrote("11-21T10:00"), replied("11-21T11:00"))
    assert found == ["first_response due 11-23T10:00 met 11-21T11:00"]
    solved = metered("resolution", wrote("11-21T10:00"), closed("11-21T11:00"))
    assert lines(solved) == ["resolution due 11-23T17:00 met 11-21T11:00"] and solved[0].spent == 0


def test_e2_18_each_stretch_is_counted_by_the_hours_it_had():
    old = parse_calendar({"id": "o", "zone": "UTC", "weekly": {"mon-fri": ["09:00-17:00"]}})
    new = parse_calendar({"id": "o", "version": 2, "zone": "UTC", "weekly": {"mon-fri": ["10:00-12:00"]}})
    both = succeed(old, new, date(2026, 11, 25))
    assert working_between(both, at("11-23T12:00"), at("11-26T12:00")) == (5 + 8 + 2 + 2) * HOUR
    assert working_between(new, at("11-23T12:00"), at("11-26T12:00")) == 6 * HOUR, "the last hours alone"


def test_e2_19_solved_without_a_reply_ends_the_clock():
    events = wrote("11-23T09:00"), replied("11-23T09:10"), wrote("11-23T10:00", 2), closed("11-23T10:30")
    assert told(*events)[-1] == "next_response due 11-23T14:00 closed 11-23T10:30"


@pytest.mark.parametrize(("micro", "met"), [(-1, True), (0, True), (1, False), (30 * SECOND, False)])
def test_e2_20_nothing_is_rounded(micro, met):
    start = at("11-23T09:00") + 29 * SECOND + 7
    answer = ClockEvent(start + HOUR + micro, "brand", by="staff/1")
    (promise,) = fold([ClockEvent(start, "customer", post=1), answer], FIRST, NEXT, OFFICE)
    assert (promise.satisfied <= promise.due) is met and promise.due == start + HOUR


def test_e2_22_promised_from_when_the_customer_wrote():
    state = advance(begin(), wrote("11-23T09:00"), Terms(Target(), NEXT, OFFICE))
    later = advance(state, replied("11-25T09:00"), Terms(FIRST, NEXT, OFFICE))
    assert later.promises == (), "a target that came days later promises nothing for what was asked before it"
    assert told(wrote("11-23T09:00"))[0].startswith("first_response due 11-23T10:00")


def test_e2_25_a_pause_survives_another_policy():
    gentle, strict = Terms(Target(2 * HOUR), NEXT, OFFICE), Terms(Target(HOUR), NEXT, OFFICE)
    state = begin()
    for one, terms in [
        (wrote("11-23T09:00"), gentle), (event("11-23T10:00", "pause", "customer"), gentle),
        (event("11-23T13:00", "resume", "customer"), strict),
    ]:  # fmt: skip
        state = advance(state, one, terms)
    assert line(state.promises[0]) == "first_response due 11-23T14:00 open", "three hours of pause, kept"


def test_e2_26_a_pause_says_that_it_is_one_and_why():
    paused = fold([wrote("11-23T09:00"), event("11-23T09:10", "pause", "third_party")], FIRST, NEXT, OFFICE)[
        0
    ]
    assert (when(paused.paused), paused.cause, paused.is_open()) == ("11-23T09:10", "third_party", True)
    held = metered("resolution", wrote("11-23T09:00"), replied("11-23T09:10"), pauses=("customer",))[0]
    assert (when(held.paused), held.cause) == ("11-23T09:10", "customer")


def test_e2_24_a_clock_on_screen_counts_the_hours_it_was_promised_in():
    running = Running(at("11-24T09:30"), "first_response", HOUR, "office")
    shown = {
        moment: clock_view(running, at(moment), {"office": OFFICE})
        for moment in ("11-23T16:45", "11-23T17:00", "11-24T03:00", "11-24T09:00", "11-24T09:20")
    }
    assert [round(view.share_left, 4) for view in shown.values()] == [0.75, 0.5, 0.5, 0.5, round(10 / 60, 4)]
    assert [view.state for view in shown.values()] == ["running"] * 4 + ["soon"], "a night is no rush"
    assert {view.due_at for view in shown.values()} == {running.due}, "and it always names the moment"


@pytest.mark.parametrize(("there", "due"), [("11-23T09:30", "11-23T09:30"), ("11-23T10:30", "11-23T10:00")])
def test_e2_05_a_message_that_both_merged_cases_owe_keeps_its_earlier_deadline(there, due):
    terms = Terms(FIRST, NEXT, OFFICE)
    state = advance(begin(), wrote("11-23T09:00"), terms)
    (mine,) = state.unanswered
    merged = adopt(state, at("11-23T09:10"), replace(mine, due=at(there)), False, terms)
    assert [(owed.post, when(owed.due)) for owed in merged.unanswered] == [(1, due)]
    assert [when(promise.due) for promise in merged.promises] == [due]
