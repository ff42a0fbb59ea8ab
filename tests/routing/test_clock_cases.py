"""Cases that help desks got wrong, by name, with a real calendar."""

import pytest

from townhall.calendar import Timetable, parse_calendar
from townhall.kernel.clock import DAY, HOUR, MINUTE, from_iso, to_iso
from townhall.kernel.errors import Refused
from townhall.routing.logic import ClockEvent, Target, Terms, advance, begin, fold, retarget

OFFICE = Timetable(
    parse_calendar(
        {
            "id": "office",
            "zone": "Europe/London",
            "weekly": {"mon-fri": ["09:00-17:00"]},
            "exceptions": [{"date": "2026-12-25"}],
        }
    )
)
FIRST, NEXT = Target(HOUR), Target(4 * HOUR)


def at(text: str) -> int:
    return from_iso(f"2026-{text}:00Z")


def told(*events: ClockEvent, first: Target = FIRST, following: Target = NEXT) -> list[str]:
    lines = []
    for p in fold(events, first, following, OFFICE):
        end = p.satisfied or p.cancelled
        word = "met" if 0 < p.satisfied <= p.due else "missed" if p.satisfied else p.cause or "open"
        lines.append(
            f"{p.metric} due {to_iso(p.due)[5:16]} {word}" + (f" {to_iso(end)[5:16]}" if end else "")
        )
    return lines


def wrote(when: str, post: int = 1) -> ClockEvent:
    return ClockEvent(at(when), "customer", post=post)


def replied(when: str, by: str = "staff/1") -> ClockEvent:
    return ClockEvent(at(when), "brand", by=by)


def test_friday_afternoon_is_due_on_monday():
    assert told(wrote("11-20T16:30")) == ["first_response due 11-23T09:30 open"]


def test_three_messages_and_one_answer_are_one_promise_from_the_first():
    found = told(
        wrote("11-23T09:00", 1), replied("11-23T09:10"),
        wrote("11-23T10:00", 2), wrote("11-23T11:00", 3), wrote("11-23T12:00", 4), replied("11-23T13:00"),
    )  # fmt: skip
    assert found == [
        "first_response due 11-23T10:00 met 11-23T09:10",
        "next_response due 11-23T14:00 met 11-23T13:00",
    ]


def test_a_second_answer_starts_nothing():
    found = told(wrote("11-23T09:00"), replied("11-23T09:10"), replied("11-23T09:20"))
    assert found == ["first_response due 11-23T10:00 met 11-23T09:10"]


def test_late_is_late_whenever_it_is_reckoned():
    assert told(wrote("11-23T09:00"), replied("11-23T10:01")) == [
        "first_response due 11-23T10:00 missed 11-23T10:01"
    ]
    exactly = told(wrote("11-23T09:00"), replied("11-23T10:00"))
    assert exactly == ["first_response due 11-23T10:00 met 11-23T10:00"]


def test_solved_without_a_reply_closes_the_clock():
    found = told(wrote("11-23T09:00"), ClockEvent(at("11-23T09:30"), "close"))
    assert found == ["first_response due 11-23T10:00 closed 11-23T09:30"]


def test_reopened_by_mistake_after_a_minute():
    found = told(
        wrote("11-23T09:00"), ClockEvent(at("11-23T09:30"), "close"), ClockEvent(at("11-23T09:31"), "reopen")
    )
    assert found == [
        "first_response due 11-23T10:00 closed 11-23T09:30",
        "first_response due 11-23T10:01 open",
    ]


def test_reopened_by_the_customer_after_ninety_days_is_not_born_late():
    found = told(
        wrote("08-03T09:00"),
        replied("08-03T08:30"),
        ClockEvent(at("08-03T10:00"), "close"),
        wrote("11-23T09:00", 2),
    )
    assert found[-1] == "next_response due 11-23T13:00 open"


def test_an_answer_by_a_machine_where_people_are_promised():
    people = Target(HOUR, ("staff/",))
    found = told(
        wrote("11-23T09:00"), replied("11-23T09:01", "ai/draft"), replied("11-23T09:40"), first=people
    )
    assert found == ["first_response due 11-23T10:00 met 11-23T09:40"]


def test_approval_held_over_closing_time():
    found = told(
        wrote("11-23T16:00"),
        ClockEvent(at("11-23T16:30"), "pause", "approval"),
        ClockEvent(at("11-24T09:10"), "resume", "approval"),
        replied("11-24T09:20"),
    )
    assert found == ["first_response due 11-24T09:40 met 11-24T09:20"]


def test_two_causes_of_a_pause_end_one_by_one():
    found = told(
        wrote("11-23T09:00"),
        ClockEvent(at("11-23T09:10"), "pause", "approval"),
        ClockEvent(at("11-23T09:20"), "pause", "outage"),
        ClockEvent(at("11-23T09:30"), "resume", "approval"),
        ClockEvent(at("11-23T10:10"), "resume", "outage"),
    )
    assert found == ["first_response due 11-23T11:00 open"]


def test_a_pause_after_the_deadline_helps_nobody():
    found = told(
        wrote("11-23T09:00"),
        ClockEvent(at("11-23T11:00"), "pause", "approval"),
        ClockEvent(at("11-23T15:00"), "resume", "approval"),
        replied("11-23T15:10"),
    )
    assert found == ["first_response due 11-23T10:00 missed 11-23T15:10"]


def test_a_message_written_during_a_pause():
    found = told(
        ClockEvent(at("11-23T09:00"), "pause", "outage"),
        wrote("11-23T10:00"),
        ClockEvent(at("11-23T12:00"), "resume", "outage"),
    )
    assert found == ["first_response due 11-23T13:00 open"]


def test_a_message_taken_back_passes_the_promise_on():
    found = told(
        wrote("11-23T09:00", 7), wrote("11-23T09:30", 8), ClockEvent(at("11-23T09:40"), "delete", post=7)
    )
    assert found == [
        "first_response due 11-23T10:00 deleted 11-23T09:40",
        "first_response due 11-23T10:30 open",
    ]


def test_a_message_taken_back_after_our_answer_changes_nothing():
    found = told(
        wrote("11-23T09:00", 7), replied("11-23T09:30"), ClockEvent(at("11-23T09:40"), "delete", post=7)
    )
    assert found == ["first_response due 11-23T10:00 met 11-23T09:30"]


def test_merged_into_another_case():
    found = told(wrote("11-23T09:00"), ClockEvent(at("11-23T09:05"), "cancel", "merged_into/12"))
    assert found == ["first_response due 11-23T10:00 merged_into/12 11-23T09:05"]


def test_no_target_promises_nothing():
    assert told(wrote("11-23T09:00"), replied("11-23T09:30"), first=Target(), following=Target()) == []


def test_over_a_holiday():
    assert told(wrote("12-24T16:45")) == ["first_response due 12-28T09:45 open"]


def test_a_rise_in_priority_shortens_from_now_and_a_fall_moves_nothing():
    terms = Terms(Target(4 * HOUR), NEXT, OFFICE)
    state = advance(begin(), wrote("11-23T09:00"), terms)
    risen = retarget(state, at("11-23T10:00"), Terms(Target(30 * MINUTE), NEXT, OFFICE))
    assert to_iso(risen.promises[-1].due)[5:16] == "11-23T10:30"
    fallen = retarget(risen, at("11-23T10:05"), Terms(Target(8 * HOUR), NEXT, OFFICE))
    assert fallen == risen
    late = retarget(state, at("11-23T12:50"), Terms(Target(30 * MINUTE), NEXT, OFFICE))
    assert late.promises[-1].due == at("11-23T13:00")


def test_a_late_event_is_folded_again():
    terms = Terms(FIRST, NEXT, OFFICE)
    state = advance(begin(), wrote("11-23T09:00"), terms)
    with pytest.raises(Refused, match="fold the case's events again"):
        advance(state, wrote("11-23T08:00", 2), terms)


def test_a_calendar_that_never_opens_is_a_clear_error():
    never = Timetable(parse_calendar({"id": "never", "zone": "UTC", "weekly": {}}))
    with pytest.raises(Refused, match="no working time in the 400 days"):
        fold([wrote("11-23T09:00")], FIRST, NEXT, never)


def test_ten_thousand_events_of_one_case():
    start = at("01-05T09:00")
    events = [
        ClockEvent(start + i * DAY // 100, "brand" if i % 3 == 2 else "customer", by="staff/1", post=i)
        for i in range(10_000)
    ]
    assert len(fold(events, FIRST, NEXT, OFFICE)) == 3_334
