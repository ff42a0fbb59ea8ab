"""Measured promises against somebody who walks through every minute with a watch, and shares no code with them.

The walker has its own idea of office hours (a list of open minutes of the week), its own list of what happened, and its own
rules in plain words; nothing of the calendar or of the folds is used to find its answer.
"""

from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.routing.day import hours
from townhall.routing.logic import ClockEvent, Target
from townhall.routing.logic.course import COURSES
from townhall.routing.logic.meter import Measure, Meter, measure, step

MINUTE = 60_000_000
MONDAY = 1_767_571_200_000_000  # 2026-01-05T00:00:00Z
DAY = 1440
SHIFTS = [
    {"mon-fri": ["09:00-17:00"]},
    {"mon-fri": ["09:00-12:00", "13:00-17:00"], "sat": ["22:00-02:00"]},
    {"mon-sun": ["20:00-04:00"]},
    "always",
]


def open_minutes(shift) -> set[int]:
    """Open minutes of a week, written out by hand for each of the shifts."""
    if shift == "always":
        return set(range(7 * DAY))
    if shift == SHIFTS[0]:
        return {d * DAY + m for d in range(5) for m in range(540, 1020)}
    if shift == SHIFTS[1]:
        days = {d * DAY + m for d in range(5) for m in [*range(540, 720), *range(780, 1020)]}
        return days | {5 * DAY + m for m in range(1320, 1440)} | {6 * DAY + m for m in range(120)}
    return {d * DAY + m for d in range(7) for m in [*range(240), *range(1200, 1440)]}


KINDS = (
    ["customer"] * 4
    + ["brand"] * 3
    + ["assign"] * 2
    + ["queue"]
    + ["pause", "resume"] * 3
    + ["close"] * 2
    + ["reopen", "delete"]
)
CAUSES = ["approval", "third_party", "outage", "customer"]


@st.composite
def days(draw) -> list[ClockEvent]:
    at, post, events, holding = draw(st.integers(0, 2 * DAY)), 0, [], []
    for n in range(draw(st.integers(3, 14))):
        kind = draw(st.sampled_from(KINDS)) if n else "customer"
        post += kind == "customer"
        cause = draw(st.sampled_from(CAUSES)) if kind == "pause" else ""
        if kind == "resume":  # mostly of what holds, or most pauses would never end
            cause = draw(st.sampled_from(holding or CAUSES))
        holding = [*holding, cause] if kind == "pause" else [c for c in holding if c != cause]
        cause = draw(st.sampled_from(["care", "bills"])) if kind == "queue" else cause
        by = (
            draw(st.sampled_from(["", "staff/1", "staff/2"]))
            if kind == "assign"
            else "staff/1"
            if kind == "brand"
            else ""
        )
        about = post if kind == "customer" else draw(st.integers(1, max(post, 1))) if kind == "delete" else 0
        events.append(ClockEvent(MONDAY + at * MINUTE, kind, cause, by, about))
        at += draw(st.sampled_from([1, 4, 20, 60, 240, 700]))
    if draw(st.booleans()):
        events.append(ClockEvent(MONDAY + at * MINUTE, "close"))
    return events


class Walker:
    """Walks minute by minute and notes promises as (started, ended how, ended when, minutes spent, minute it ran out or None)."""

    def __init__(self, metric: str, budget: int, pauses: tuple[str, ...], opened: set[int]) -> None:
        self.metric, self.budget, self.pauses, self.opened = metric, budget, pauses, opened
        self.case_open, self.unread, self.asked = False, [], []
        self.holder, self.queue, self.why = "", "", set()
        self.promise, self.told = None, []

    def runs(self) -> bool:
        waits_for_us = bool(self.unread)
        if self.metric in ("requester_wait", "agent_work") and (not waits_for_us or "customer" in self.why):
            return False
        if self.metric == "agent_work" and (not self.holder or self.why & {"approval", "third_party"}):
            return False
        ball_away = self.case_open and not waits_for_us and "customer" in self.pauses
        return not ball_away and not (self.why & set(self.pauses))

    def walk(self, minutes: int, minute: int) -> None:
        if self.promise is None:
            return
        for m in range(minute, minute + minutes):
            if m % (7 * DAY) in self.opened and self.runs():
                self.promise["spent"] += 1
                if self.promise["spent"] == self.budget:
                    self.promise["out"] = m + 1

    def begin(self, minute: int) -> None:
        self.promise = {"start": minute, "spent": 0, "out": None}

    def end(self, how: str, minute: int) -> None:
        if self.promise is not None:
            p, self.promise = self.promise, None
            self.told.append((p["start"], how, minute, p["spent"], p["out"]))

    def happens(self, e: ClockEvent, minute: int) -> None:
        was_open, was_queue, had = self.case_open, self.queue, list(self.asked)
        if e.kind == "customer":
            self.asked = [*self.asked, e.post] if self.case_open else [e.post]
            self.unread.append(e.post)
            self.case_open = True
            self.why.discard("customer")
        elif e.kind == "brand":
            self.unread = []
        elif e.kind == "delete":
            self.unread = [p for p in self.unread if p != e.post]
            self.asked = [p for p in self.asked if p != e.post]
        elif e.kind == "pause":
            self.why.add(e.cause)
        elif e.kind == "resume":
            self.why.discard(e.cause)
        elif e.kind == "assign":
            self.holder = e.by
        elif e.kind == "queue":
            self.queue = e.cause
        elif e.kind == "close":
            self.case_open, self.why, self.unread = False, set(), []
        elif e.kind == "reopen" and not self.case_open and self.asked:
            self.case_open, self.unread = True, self.asked[-1:]
        self.judge(e, minute, was_open, was_queue, had)

    def judge(self, e: ClockEvent, minute: int, was_open: bool, was_queue: str, had: list[int]) -> None:
        updates, owned = self.metric == "periodic_update", self.metric == "group_ownership"
        closes, opens = was_open and not self.case_open, self.case_open and not was_open
        if (updates and e.kind == "brand") or (
            owned and (closes or (e.kind == "queue" and was_queue != self.queue))
        ):
            self.end("kept", minute)
        elif closes:
            self.end("dropped" if updates else "kept", minute)
        elif had and not self.asked:
            self.end("dropped", minute)
        if self.promise is None:
            moved = owned and self.case_open and self.queue and (opens or was_queue != self.queue)
            if (
                moved
                or (updates and e.kind == "brand" and self.case_open)
                or (opens and not owned and not updates)
            ):
                self.begin(minute)


def walked(metric: str, events: list[ClockEvent], budget: int, pauses: tuple[str, ...], opened: set[int]):
    walker, at = Walker(metric, budget, pauses, opened), 0
    for e in events:
        minute = (e.at - MONDAY) // MINUTE
        walker.walk(minute - at, at)
        at = minute
        walker.happens(e, minute)
    return walker


METRICS = st.sampled_from(
    ["periodic_update", "requester_wait", "agent_work", "resolution", "group_ownership"]
)
PAUSES = st.sampled_from(
    [(), ("customer",), ("third_party", "outage"), ("customer", "approval", "third_party", "outage")]
)


@given(days(), METRICS, st.sampled_from([1, 3, 15, 50, 200, 900]), PAUSES, st.sampled_from(SHIFTS))
@settings(max_examples=400, deadline=None)
def test_measured_promises_agree_with_the_walker(events, metric, budget, pauses, shift):
    terms = Measure(metric, Target(budget * MINUTE, pauses=pauses), hours(shift, "UTC"))
    found = measure(events, terms)
    walker = walked(metric, events, budget, pauses, open_minutes(shift))
    ended = [p for p in found if not p.is_open()]
    assert [
        ((p.started - MONDAY) // MINUTE, "kept" if p.satisfied else "dropped", ((p.satisfied or p.cancelled) - MONDAY) // MINUTE, p.spent // MINUTE)
        for p in ended
    ] == [row[:4] for row in walker.told]  # fmt: skip
    for p, (_, _, end, spent, out) in zip(ended, walker.told, strict=True):
        if out is not None:
            assert p.due == MONDAY + out * MINUTE, "it ran out exactly then, and stays so"
        else:
            assert spent < budget and p.due > MONDAY + end * MINUTE, "it had time left when it ended"
    assert len(found) - len(ended) == (walker.promise is not None)


@given(days(), METRICS, st.integers(1, 900), PAUSES, st.sampled_from(SHIFTS), st.data())
@settings(max_examples=100, deadline=None)
def test_neither_cadence_nor_order_nor_repeats_matter(events, metric, budget, pauses, shift, data):
    terms = Measure(metric, Target(budget * MINUTE, pauses=pauses), hours(shift, "UTC"))
    whole = measure(events, terms)
    assert measure(data.draw(st.permutations(events)), terms) == whole
    assert measure([e for e in events for _ in range(2)], terms) == whole
    cut = data.draw(st.integers(0, len(events)))
    half = reduce(lambda m, e: step(m, e, terms), events[:cut], Meter())
    assert list(reduce(lambda m, e: step(m, e, terms), events[cut:], half).promises) == whole


@given(st.integers(0, 14 * DAY), st.integers(1, 5000), st.integers(1, 5000), st.sampled_from(SHIFTS))
@settings(max_examples=200, deadline=None)
def test_budgets_add_up(start, a, b, shift):
    table, began = hours(shift, "UTC"), MONDAY + start * MINUTE
    halfway = table.add_working(began, a * MINUTE)
    assert table.add_working(halfway, b * MINUTE) == table.add_working(began, (a + b) * MINUTE)
    assert table.working_between(began, halfway) == a * MINUTE


@given(days(), METRICS, st.integers(1, 900), PAUSES, st.sampled_from(SHIFTS))
@settings(max_examples=100, deadline=None)
def test_no_deadline_in_closed_time(events, metric, budget, pauses, shift):
    table, opened = hours(shift, "UTC"), open_minutes(shift)
    for p in measure(events, Measure(metric, Target(budget * MINUTE, pauses=pauses), table)):
        assert ((p.due - MONDAY) // MINUTE - 1) % (7 * DAY) in opened, (
            "the minute before it falls due is worked"
        )
        assert not (p.satisfied and p.cancelled) and p.spent >= 0


def test_every_course_is_known():
    assert set(COURSES) == {
        "periodic_update",
        "requester_wait",
        "agent_work",
        "resolution",
        "group_ownership",
        "community_answer",
    }
