"""The list of things every clock must get right, each by name. Those that need a database are in ``tests/flow``."""

import pytest

from tests.routing.day import (
    ALWAYS,
    FIRST,
    NEXT,
    OFFICE,
    at,
    closed,
    event,
    hours,
    lines,
    metered,
    minutes,
    replied,
    told,
    when,
    wrote,
)  # fmt: skip
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, from_iso
from townhall.kernel.errors import Refused
from townhall.routing.logic import ClockEvent, Target, Terms, advance, begin, carry_over, fold, retarget
from townhall.routing.logic.course import COURSES, first_and_final


def test_e4_friday_1630_and_an_hour():
    assert told(wrote("11-20T16:30")) == ["first_response due 11-23T09:30 open"]


def test_e4_a_target_of_fifteen_seconds():
    (promise,) = fold([wrote("11-20T16:59:50")], Target(15 * SECOND), NEXT, OFFICE)
    assert promise.due == at("11-23T09:00:05")


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("11-23T08:59", "11-23T10:00"),
        ("11-23T09:00", "11-23T10:00"),
        ("11-23T16:00", "11-23T17:00"),
        ("11-23T16:59", "11-24T09:59"),
        ("11-23T17:00", "11-24T10:00"),
        ("12-25T11:00", "12-28T10:00"),
    ],
    ids=[
        "before opening",
        "at opening",
        "due at closing",
        "a minute before closing",
        "at closing",
        "on a holiday",
    ],
)
def test_e4_start_at_every_edge_of_the_day(start, due):
    assert told(wrote(start)) == [f"first_response due {due} open"]


def test_e4_start_in_the_gap_and_in_the_overlap_of_the_changing_clocks():
    night = hours({"sun": ["01:30-05:00"]})
    assert night.add_working(from_iso("2026-03-29T00:45:00Z"), HOUR) == from_iso("2026-03-29T02:00:00Z"), (
        "01:30 does not exist that night: the hour begins with the jump"
    )
    twice = hours({"sun": ["00:00-05:00"]})
    assert (
        twice.working_between(from_iso("2026-10-24T23:00:00Z"), from_iso("2026-10-25T05:00:00Z")) == 6 * HOUR
    )


def test_e4_a_zone_three_quarters_of_an_hour_off():
    nepal = hours({"sun-fri": ["10:00-17:00"]}, "Asia/Kathmandu")
    assert told(wrote("11-23T11:00"), by=nepal) == ["first_response due 11-24T05:00 open"]


def test_e4_a_night_shift_over_a_holiday():
    night = {"mon-sun": ["22:00-06:00"]}
    cut = hours(night, "UTC", exceptions=[{"date": "2026-12-25"}])
    assert told(wrote("12-24T23:30"), by=cut) == ["first_response due 12-26T22:30 open"]
    kept = hours(night, "UTC", exceptions=[{"date": "2026-12-25", "keep_night": True}])
    assert told(wrote("12-24T23:30"), by=kept) == ["first_response due 12-25T00:30 open"]


def test_e4_a_break_for_lunch():
    lunch = hours({"mon-fri": ["09:00-12:00", "13:00-17:00"]}, "UTC")
    assert told(wrote("11-23T11:30"), by=lunch) == ["first_response due 11-23T13:30 open"]


def test_e4_around_the_clock():
    assert told(wrote("11-21T23:30"), by=ALWAYS) == ["first_response due 11-22T00:30 open"]


def test_e4_no_open_minute_for_four_hundred_days_is_a_clear_error():
    with pytest.raises(Refused, match="no working time in the 400 days"):
        told(wrote("11-23T09:00"), by=hours({"mon": []}))


def test_e4_the_customer_writes_three_times_then_the_agent_once():
    events = wrote("11-23T09:00"), wrote("11-23T09:10", 2), wrote("11-23T09:20", 3), replied("11-23T09:30")
    assert told(*events) == ["first_response due 11-23T10:00 met 11-23T09:30"]


def test_e4_the_agent_writes_twice():
    events = wrote("11-23T09:00"), replied("11-23T09:10"), replied("11-23T09:20")
    assert told(*events) == ["first_response due 11-23T10:00 met 11-23T09:10"]
    updates = metered("periodic_update", *events, within=30 * MINUTE)
    assert lines(updates) == [
        "periodic_update due 11-23T09:40 met 11-23T09:20", "periodic_update due 11-23T09:50 open",
    ]  # fmt: skip


_EVERY_CLOCK = (
    event("11-23T08:50", "queue", "general"), event("11-23T09:00", "customer", by="member/1", post=1),
    event("11-23T09:05", "brand", by="outside"), event("11-23T09:06", "customer", by="member/1", post=3),
)  # fmt: skip


def test_e4_an_internal_note_answers_nobody():
    note = event("11-23T09:10", "note", by="staff/1", post=2)
    for target in (Target(HOUR), Target(HOUR, counts="approved"), Target(HOUR, counts="submitted")):
        assert told(wrote("11-23T09:00"), note, first=target) == ["first_response due 11-23T10:00 open"]
    for metric in COURSES:
        begun = metered(metric, *_EVERY_CLOCK, satisfied_by=("staff/",))
        assert metered(metric, *_EVERY_CLOCK, note, satisfied_by=("staff/",)) == begun, metric
        assert begun[-1].is_open(), metric


@pytest.mark.parametrize(
    ("allowed", "met"), [((), "11-23T09:01"), (("staff/",), "11-23T09:40"), (("ai/",), "11-23T09:01")]
)
def test_e4_a_machine_answers_then_a_person(allowed, met):
    events = wrote("11-23T09:00"), replied("11-23T09:01", "ai/draft"), replied("11-23T09:40")
    assert told(*events, first=Target(HOUR, allowed)) == [f"first_response due 11-23T10:00 met {met}"]


HELD = [
    wrote("11-23T16:00"), event("11-23T16:10", "submit", by="staff/1"), event("11-23T16:10", "pause", "approval"),
    event("11-24T10:10", "approve", by="staff/1"), event("11-24T10:10", "resume", "approval"), replied("11-24T10:20"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "pauses", "told_as"),
    [
        ("sent", ("approval",), "due 11-24T11:00 met 11-24T10:20"),
        ("sent", (), "due 11-23T17:00 missed 11-24T10:20"),
        ("approved", (), "due 11-23T17:00 missed 11-24T10:10"),
        ("submitted", (), "due 11-23T17:00 met 11-23T16:10"),
    ],
)
def test_e4_an_approval_held_two_hours_across_closing_time(counts, pauses, told_as):
    first = Target(HOUR, counts=counts, pauses=pauses)
    assert told(*HELD, first=first) == [f"first_response {told_as}"]


def test_e4_put_aside_across_a_change_of_policy():
    state = begin()
    for one, budget in [
        (wrote("11-23T09:00"), 2 * HOUR), (event("11-23T09:30", "pause", "third_party"), 2 * HOUR),
        (wrote("11-23T12:00", 2), HOUR), (event("11-23T14:30", "resume", "third_party"), HOUR),
    ]:  # fmt: skip
        state = advance(state, one, Terms(Target(budget), NEXT, OFFICE))
    assert when(state.promises[0].due) == "11-23T15:30", (
        "the second message's hour, counted from the end of the pause"
    )


def test_e4_priority_up_and_down():
    state = advance(begin(), wrote("11-23T09:00"), Terms(Target(4 * HOUR), NEXT, OFFICE))
    up = retarget(state, at("11-23T10:00"), Terms(Target(30 * MINUTE), NEXT, OFFICE))
    down = retarget(up, at("11-23T10:10"), Terms(Target(8 * HOUR), NEXT, OFFICE))
    assert [when(s.promises[0].due) for s in (state, up, down)] == [
        "11-23T13:00",
        "11-23T10:30",
        "11-23T10:30",
    ]


def test_e4_a_more_urgent_message_shortens_from_then():
    state = advance(begin(), wrote("11-23T09:00"), Terms(Target(4 * HOUR), NEXT, OFFICE))
    state = advance(state, wrote("11-23T10:00", 2), Terms(Target(15 * MINUTE), NEXT, OFFICE))
    assert [(p.started, p.due, p.post) for p in state.promises] == [(at("11-23T09:00"), at("11-23T10:15"), 1)]
    back = advance(state, event("11-23T10:05", "delete", post=2), Terms(Target(4 * HOUR), NEXT, OFFICE))
    assert when(back.promises[0].due) == "11-23T13:00", "taken back, it no longer presses"


@pytest.mark.parametrize(
    ("weekly", "due"), [("always", "11-23T18:00"), ({"tue-fri": ["09:00-17:00"]}, "11-24T10:00")],
    ids=["to people who work at night", "to people who are not there today"],
)  # fmt: skip
def test_e4_a_move_to_another_calendar_never_gives_more_time(weekly, due):
    state = advance(begin(), wrote("11-23T16:00"), Terms(Target(2 * HOUR), NEXT, OFFICE))
    other = Terms(Target(2 * HOUR), NEXT, hours(weekly, "UTC"))
    assert when(carry_over(state, at("11-23T16:30"), OFFICE, other).promises[0].due) == due


def test_e4_reopened_after_a_minute_keeps_what_was_left():
    events = wrote("11-23T09:00"), closed("11-23T09:30"), event("11-23T09:31", "reopen")
    assert told(*events)[-1] == "first_response due 11-23T10:01 open"


def test_e4_reopened_after_ninety_days_begins_a_new_cycle_and_keeps_the_first():
    events = (
        wrote("08-03T09:00"),
        closed("08-03T10:00"),
        event("11-01T09:00", "reopen"),
        closed("11-02T09:00"),
    )
    found = metered("resolution", *events, by=ALWAYS)
    assert lines(found) == [
        "resolution due 08-03T17:00 met 08-03T10:00", "resolution due 11-01T17:00 missed 11-02T09:00",
    ]  # fmt: skip
    assert first_and_final([(p.started, p.satisfied) for p in found]) == (HOUR, 91 * DAY)
    assert first_and_final([(p.started, p.satisfied) for p in metered("resolution", *events[:3])]) == (
        HOUR,
        0,
    )


def test_e4_solved_with_no_reply():
    assert told(wrote("11-23T09:00"), closed("11-23T09:30")) == [
        "first_response due 11-23T10:00 closed 11-23T09:30"
    ]


def test_e4_a_message_deleted_after_our_reply_changes_nothing():
    events = wrote("11-23T09:00", 7), replied("11-23T09:30"), event("11-23T09:40", "delete", post=7)
    assert told(*events) == ["first_response due 11-23T10:00 met 11-23T09:30"]


@pytest.mark.parametrize("skew", [-2 * MINUTE, 2 * MINUTE])
def test_e4_two_minutes_between_their_clock_and_ours(skew):
    asked = ClockEvent(at("11-23T09:00") + skew, "customer", post=1)
    (promise,) = fold([asked, replied("11-23T09:30")], FIRST, NEXT, ALWAYS)
    assert promise.due == at("11-23T10:00") + skew and promise.satisfied == at("11-23T09:30")


def test_e4_an_answer_that_their_clock_puts_before_the_question_is_no_answer_to_it():
    events = wrote("11-23T09:00"), replied("11-23T08:59")
    assert told(*events) == ["next_response due 11-23T13:00 open"]


def test_e4_the_same_event_twice_is_one():
    events = [wrote("11-23T09:00"), replied("11-23T09:30"), wrote("11-23T10:00", 2), closed("11-23T11:00")]
    assert told(*[one for one in events for _ in range(2)]) == told(*events)
    for metric in ("resolution", "periodic_update", "requester_wait"):
        assert metered(metric, *[one for one in events for _ in range(3)]) == metered(metric, *events)


def test_requester_wait_adds_up_only_the_customers_waiting():
    found = metered(
        "requester_wait", wrote("11-23T09:00"), replied("11-23T09:30"), wrote("11-23T12:00", 2),
        event("11-23T12:10", "pause", "third_party"), event("11-23T13:10", "resume", "third_party"),
        replied("11-23T14:00"), closed("11-23T16:00"), within=3 * HOUR,
    )  # fmt: skip
    assert minutes(found[0].spent) == 30 + 120, "who asked somebody else for us still waits"
    assert lines(found) == ["requester_wait due 11-23T16:30 met 11-23T16:00"]


def test_resolution_stands_still_for_what_the_policy_lets_count():
    events = (
        wrote("11-23T09:00"), replied("11-23T10:00"), wrote("11-23T15:00", 2),
        event("11-23T15:30", "pause", "outage"), event("11-23T16:00", "resume", "outage"), closed("11-24T12:00"),
    )  # fmt: skip
    plain, kind = (
        metered("resolution", *events),
        metered("resolution", *events, pauses=("customer", "outage")),
    )
    assert [minutes(found[0].spent) for found in (plain, kind)] == [660, 330]
    assert lines(plain) == ["resolution due 11-23T17:00 missed 11-24T12:00"]
    assert lines(kind) == ["resolution due 11-24T14:30 met 11-24T12:00"]


def test_time_in_a_queue_ends_with_the_move_and_begins_anew_in_the_next():
    found = metered(
        "group_ownership", event("11-23T08:00", "queue", "general"), wrote("11-23T09:00"),
        event("11-23T11:00", "queue", "billing"), closed("11-23T16:30"), within=2 * HOUR,
    )  # fmt: skip
    assert lines(found) == [
        "group_ownership due 11-23T11:00 met 11-23T11:00", "group_ownership due 11-23T13:00 missed 11-23T16:30",
    ]  # fmt: skip


@pytest.mark.parametrize(("allowed", "met"), [((), "09:20"), (("staff/",), "09:40")])
def test_a_question_to_the_community_is_answered_by_somebody_else(allowed, met):
    found = metered(
        "community_answer", event("11-23T09:00", "customer", by="member/1", post=1),
        event("11-23T09:10", "answer", by="member/1"), event("11-23T09:20", "answer", by="member/2"),
        event("11-23T09:40", "answer", by="staff/3"), satisfied_by=allowed,
    )  # fmt: skip
    assert lines(found) == [f"community_answer due 11-23T17:00 met 11-23T{met}"]


@pytest.mark.parametrize(("who", "made"), [("", 0), ("staff/1", 0), ("outside", 0), ("member/1", 1)])
def test_only_a_members_question_begins_the_communitys_clock(who, made):
    asked = event("11-23T09:00", "customer", by=who, post=1)
    assert len(metered("community_answer", asked)) == made
    again = metered("community_answer", asked, closed("11-23T09:30"), event("11-23T10:00", "reopen"))
    assert len(again) == 2 * made


def test_a_resolution_that_people_promise_is_not_kept_by_a_machine():
    found = metered(
        "resolution", wrote("11-23T09:00"), closed("11-23T09:01", "ai/draft"), event("11-23T10:00", "reopen"),
        closed("11-23T10:30"), satisfied_by=("staff/",),
    )  # fmt: skip
    assert lines(found) == [
        "resolution due 11-23T17:00 closed 11-23T09:01", "resolution due 11-24T10:00 met 11-23T10:30",
    ]  # fmt: skip


def test_a_measured_promise_dies_with_the_only_message_it_stood_for():
    found = metered("resolution", wrote("11-23T09:00", 1), event("11-23T09:10", "delete", post=1))
    assert lines(found) == ["resolution due 11-23T17:00 deleted 11-23T09:10"]


@pytest.mark.parametrize("metric", ["resolution", "requester_wait", "group_ownership"])
def test_what_has_run_out_stays_so_whatever_pauses_follow(metric):
    found = metered(
        metric, event("11-23T08:00", "queue", "care"), wrote("11-23T09:00"), event("11-23T09:20", "pause", "outage"),
        event("11-23T09:40", "resume", "outage"), closed("11-23T10:00"), within=10 * MINUTE, pauses=("outage",),
    )  # fmt: skip
    assert lines(found) == [f"{metric} due 11-23T09:10 missed 11-23T10:00"]
