"""Why a promise was missed: parts that add up, against a walker that looks at every tick by itself."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.routing.day import OFFICE, at, event
from tests.routing.test_clock_oracle import Ticks, is_working
from townhall.kernel.clock import MINUTE
from townhall.routing.logic import ClockEvent
from townhall.routing.logic.attribution import CAUSES, Story, attribute, main_cause, shares, split

KINDS = ["assign", "pause", "resume", "submit", "approve", "brand", "customer"]


@st.composite
def stories(draw) -> Story:
    events, now = [], 0
    for _ in range(draw(st.integers(0, 12))):
        now += draw(st.integers(0, 9))
        kind = draw(st.sampled_from(KINDS))
        cause = (
            draw(st.sampled_from(["outage", "third_party", "customer", "approval"]))
            if kind in ("pause", "resume")
            else ""
        )
        by = draw(st.sampled_from(["", "staff/1"])) if kind == "assign" else "staff/1"
        events.append(ClockEvent(now, kind, cause, by))
    started = draw(st.integers(0, 40))
    ended = started + draw(st.integers(0, 60))
    if len({one.at for one in events}) == len(events):
        events = draw(st.permutations(events))
    return Story(started, ended, draw(st.integers(0, 60)), tuple(events))


def slow(story: Story) -> dict[str, int]:
    found = dict.fromkeys(CAUSES, 0)
    for tick in range(story.started, story.ended):
        if is_working(tick):
            found[holds(story, tick)] += 1
    return found


def holds(story: Story, tick: int) -> str:
    """What the case waits for in one tick, from everything that happened until its beginning."""
    if tick < story.received:
        return "arrival"
    before = sorted((e for e in story.events if e.at <= tick), key=lambda e: e.at)
    standing: list[str] = []
    for one in before:
        if one.kind == "pause":
            standing.append(one.cause)
        elif one.kind == "resume":
            standing = [c for c in standing if c != one.cause]
        elif one.kind == "customer":
            standing = [c for c in standing if c != "customer"]
    for cause in ("outage", "third_party", "customer", "approval"):
        if cause in standing:
            return cause
    last = [e.kind for e in before if e.kind in ("submit", "approve", "brand")]
    if last and last[-1] != "brand":
        return "sending"
    holders = [e.by for e in before if e.kind == "assign"]
    return "assigned" if holders and holders[-1] else "queue"


@given(stories())
@settings(max_examples=400, deadline=None)
def test_every_tick_has_one_cause_and_the_walker_agrees(story):
    found = attribute(story, Ticks())
    assert found == slow(story)
    assert sum(found.values()) == Ticks().working_between(story.started, story.ended)


@given(st.lists(stories(), max_size=6))
@settings(max_examples=100, deadline=None)
def test_shares_add_up_to_a_hundred_percent(several):
    found = split(attribute(story, Ticks()) for story in several)
    assert sum(found.promises.values()) == len(several)
    assert sum(found.promise_share.values()) in (0, 1000) and bool(several) == bool(
        sum(found.promise_share.values())
    )
    assert sum(found.time_share.values()) == (1000 if sum(found.time.values()) else 0)


@given(st.dictionaries(st.sampled_from(CAUSES), st.integers(0, 10**15), min_size=1))
def test_no_share_is_off_by_more_than_a_tenth(parts):
    whole = sum(parts.values())
    for name, share in shares(parts).items():
        assert not whole or abs(share - parts[name] * 1000 / whole) < 1


def test_a_day_in_the_life_of_a_late_answer():
    story = Story(
        at("11-23T09:00"), at("11-23T15:00"), at("11-23T09:05"),
        (
            event("11-23T10:00", "assign", by="staff/1"), event("11-23T11:00", "pause", "third_party"),
            event("11-23T11:30", "resume", "third_party"), event("11-23T12:00", "submit", by="staff/1"),
            event("11-23T12:00", "pause", "approval"), event("11-23T14:00", "approve"),
            event("11-23T14:00", "resume", "approval"),
        ),
    )  # fmt: skip
    found = {cause: spent // MINUTE for cause, spent in attribute(story, OFFICE).items() if spent}
    assert found == {
        "arrival": 5,
        "queue": 55,
        "assigned": 90,
        "third_party": 30,
        "approval": 120,
        "sending": 60,
    }
    assert main_cause(attribute(story, OFFICE)) == "approval"
