"""Response clocks against a slow reckoning that shares no code: whole events in a list, whole ticks one by one.

The toy timetable here is open in a pattern of ticks. The oracle looks at the history of a case from the outside:
it cuts it into stretches and counts, tick by tick, the working time in which a message waited.
"""

from functools import reduce
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.routing.logic import ClockEvent, Promise, Target, Terms, advance, begin, fold

PATTERN = [True, True, False, True, True, True, False, False, False]
FAR = 600


def is_working(tick: int) -> bool:
    return PATTERN[tick % len(PATTERN)]


class Ticks:
    """A timetable of ticks, reckoned by walking."""

    def add_working(self, start: int, budget: int) -> int:
        while budget > 0:
            budget -= is_working(start)
            start += 1
        return start

    def working_between(self, a: int, b: int) -> int:
        return sum(map(is_working, range(a, b))) if a <= b else -self.working_between(b, a)


CAUSES = ["approval", "outage", "customer"]
MOMENTS = {"sent": "brand", "approved": "brand approve", "submitted": "brand approve submit"}
KINDS = (
    ["customer"] * 5
    + ["brand"] * 3
    + ["pause", "pause", "resume", "resume", "cancel", "close", "reopen", "delete", "delete"]
    + ["submit", "approve"]
)


@st.composite
def histories(draw) -> list[ClockEvent]:
    """Events in order of time, a few ticks apart, with repeats."""
    events: list[ClockEvent] = []
    at = draw(st.integers(1, 9))
    for post in range(1, draw(st.integers(1, 14)) + 1):
        kind = draw(st.sampled_from(KINDS))
        cause = draw(st.sampled_from([*CAUSES, ""])) if kind in ("pause", "resume") else ""
        by = (
            draw(st.sampled_from(["staff/1", "staff/2", "ai/draft"]))
            if kind in ("brand", "submit", "approve")
            else ""
        )
        about = post if kind == "customer" else draw(st.integers(1, post)) if kind == "delete" else 0
        events.append(ClockEvent(at, kind, cause, by, about))
        if draw(st.integers(0, 9)) == 0:
            events.append(events[-1])
        at += draw(st.integers(0, 7))
    return events


def pressing(event: ClockEvent, following: Target) -> Target:
    """Every third message is an urgent one: half the time."""
    urgent = event.kind == "customer" and event.post % 3 == 0
    return (
        Target((following.budget + 1) // 2, following.satisfied_by, following.counts, following.pauses)
        if urgent
        else following
    )


def slow(events: list[ClockEvent], first: Target, following: Target) -> list[tuple]:
    """(metric, started, due, satisfied, cancelled, post) of every promise, from rules written down once more."""
    found: list[dict] = []
    waiting: list[dict] = []  # messages nobody answered; the first of them has the promise
    lapsed: list[dict] = []
    causes: set[str] = set()
    answered = closed = False
    seen: set[tuple] = set()
    ticks = 0
    whole = first, following

    def standing() -> bool:
        counted = (following if answered else first).pauses
        return any(counted is None or cause in counted for cause in causes)

    def live(message: dict, until: int) -> None:
        """Lets working time that is not paused run off a message's budget, one tick at a time."""
        for tick in range(message["clock"], until):
            if is_working(tick) and not standing() and message["left"] > 0:
                message["left"] -= 1
                message["empty"] = tick + 1
        message["clock"] = max(message["clock"], until)

    def due(message: dict) -> int:
        """When the budget is or was used up, if the pause ended now."""
        tick, left = message["clock"], message["left"]
        if left == 0:
            return message["empty"]
        while left:
            left -= is_working(tick)
            tick += 1
        return tick

    def end(how: str, at: int) -> None:
        if waiting:
            promise = next(p for p in found if not p["satisfied"] and not p["cancelled"])
            promise[how] = at
            promise["due"] = min(due(m) for m in waiting)
        waiting.clear()

    def start(at: int) -> None:
        if waiting and all(p["satisfied"] or p["cancelled"] for p in found):
            metric = "next_response" if answered else "first_response"
            found.append(
                {"metric": metric, "started": at, "satisfied": 0, "cancelled": 0, "post": waiting[0]["post"]}
            )

    for event in events:
        key = (event.at, event.kind, event.cause, event.by, event.post)
        if key in seen:
            continue
        seen.add(key)
        ticks = event.at
        for message in waiting:
            live(message, ticks)
        first, following = pressing(event, first), pressing(event, following)
        if event.kind != "customer" or event.post % 3:
            first, following = whole
        target = following if answered else first
        if event.kind == "customer" and all(m["post"] != event.post for m in waiting):
            closed, lapsed, causes = False, [], causes - {"customer"}
            waiting.append(
                {"post": event.post, "at": ticks, "clock": ticks, "left": target.budget, "empty": ticks}
            )
            start(ticks)
        elif (
            event.kind in ("brand", "submit", "approve")
            and event.kind in MOMENTS[target.counts]
            and (not target.satisfied_by or event.by.split("/")[0] + "/" in target.satisfied_by)
        ):
            end("satisfied", ticks)
            answered, lapsed = True, []
        elif event.kind == "pause" and not closed:
            causes.add(event.cause or "paused")
        elif event.kind == "resume":
            causes = causes - {event.cause} if event.cause else set()
        elif event.kind == "cancel":
            end("cancelled", ticks)
        elif event.kind == "close" and not closed:
            lapsed, closed = [dict(m) for m in waiting], True
            end("cancelled", ticks)
            causes = set()
        elif event.kind == "reopen" and closed:
            closed = False
            waiting = [
                {**m, "clock": ticks, "left": m["left"] or target.budget, "empty": ticks} for m in lapsed
            ]
            lapsed = []
            start(ticks)
        elif event.kind == "delete":
            lapsed = [m for m in lapsed if m["post"] != event.post]
            if waiting and waiting[0]["post"] == event.post:
                rest = waiting[1:]
                end("cancelled", ticks)
                waiting = rest
                start(rest[0]["at"] if rest else 0)
            waiting = [m for m in waiting if m["post"] != event.post]
    for promise in found:
        if "due" not in promise:
            promise["due"] = min(due(m) for m in waiting)
    return [
        tuple(p[k] for k in ("metric", "started", "due", "satisfied", "cancelled", "post")) for p in found
    ]


def shape(promises: list[Promise]) -> list[tuple]:
    return [(p.metric, p.started, p.due, p.satisfied, p.cancelled, p.post) for p in promises]


def settled(events: list[ClockEvent]) -> list[ClockEvent]:
    """With all pauses over, so that no deadline is still moving when the two are compared."""
    return [*events, ClockEvent(events[-1].at + 3, "resume")]


COUNTED = [None, (), ("approval",), ("customer", "outage")]


@given(
    histories(), st.integers(1, 12), st.integers(1, 12), st.booleans(), st.sampled_from(COUNTED),
    st.sampled_from(COUNTED), st.sampled_from(sorted(MOMENTS)),
)  # fmt: skip
@settings(max_examples=500, deadline=None)
def test_clocks_agree_with_the_slow_reckoning(events, budget, following, people_only, early, late, counts):
    allowed = ("staff/",) if people_only else ()
    events = settled(events)
    first, second = Target(budget, allowed, counts, early), Target(following, allowed, counts, late)
    state = begin()
    for event in events:
        state = advance(state, event, Terms(pressing(event, first), pressing(event, second), Ticks()))
    assert shape(state.promises) == slow(events, first, second)


@given(histories(), st.integers(0, 12), st.integers(0, 12), st.data())
@settings(max_examples=100, deadline=None)
def test_the_cadence_does_not_matter(events, budget, following, data):
    """Event by event, in lumps, with everything delivered twice: the promises are the same."""
    terms = Terms(Target(budget), Target(following), Ticks())
    whole = fold(events, terms.first, terms.next, terms.timetable)
    state = begin()
    for event in events:
        state = advance(state, event, terms)
    assert list(state.promises) == whole
    cut = data.draw(st.integers(0, len(events)))
    half = reduce(lambda s, e: advance(s, e, terms), events[:cut], begin())
    again = reduce(lambda s, e: advance(s, e, terms), events[cut:], half)
    assert again == state
    twice = [event for event in events for _ in range(2)]
    assert fold(twice, terms.first, terms.next, terms.timetable) == whole
    late = data.draw(st.permutations(range(len(events))))
    if len({event.at for event in events}) == len(events):
        assert fold([events[i] for i in late], terms.first, terms.next, terms.timetable) == whole


@given(histories(), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_what_always_holds(events, budget):
    promises = fold(events, Target(budget), Target(budget), Ticks())
    for promise in promises:
        assert is_working(promise.due - 1), "a deadline is reached in working time"
        assert not (promise.satisfied and promise.cancelled)
        assert promise.satisfied == 0 or promise.satisfied >= promise.started
    for earlier, later in pairwise(promises):
        assert not earlier.is_open(), "only the last promise can be open"
        assert later.is_open() or later.satisfied or later.cancelled
    assert sum(p.metric == "first_response" and p.satisfied > 0 for p in promises) <= 1
