"""Promised answers against somebody who walks through every minute with a watch, as ``test_meter_oracle`` has for the others.

The walker looks at the clock on the office's own wall (a zone, its summer time, a day off), keeps the messages that wait in
a list, and knows who may answer by a list of names. Nothing of the calendar or of the folds is used to find its answer.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.routing.day import hours
from townhall.kernel.clock import to_datetime
from townhall.routing.logic import ClockEvent, Target, fold

MINUTE = 60_000_000
BEGIN = datetime(2026, 3, 27, tzinfo=UTC)  # a Friday; on Sunday the clocks of London go forward
START = int(BEGIN.timestamp()) * 1_000_000
DAY = 1440
OFF = "2026-03-31"
OFFICES = {
    "day": ("Europe/London", {"mon-fri": ["09:00-17:00"]}),
    "lunch": ("Asia/Kathmandu", {"mon-fri": ["09:00-12:00", "13:00-17:00"], "sat": ["10:00-12:30"]}),
    "night": ("Europe/London", {"mon-sun": ["00:00-04:00", "20:00-24:00"]}),
    "always": ("UTC", "always"),
}
WORDS = {
    "day": lambda day, minute: day < 5 and 540 <= minute < 1020,
    "lunch": lambda day, minute: (
        (day < 5 and (540 <= minute < 720 or 780 <= minute < 1020)) or (day == 5 and 600 <= minute < 750)
    ),
    "night": lambda day, minute: minute < 240 or minute >= 1200,
    "always": lambda day, minute: True,
}


def timetable(office: str):
    zone, weekly = OFFICES[office]
    return hours(weekly, zone, exceptions=[{"date": OFF}])


@lru_cache(maxsize=200_000)
def works(office: str, minute: int) -> bool:
    """Whether somebody works in a minute after ``BEGIN``, by the clock on the wall."""
    wall = (BEGIN + timedelta(minutes=minute)).astimezone(ZoneInfo(OFFICES[office][0]))
    return wall.date().isoformat() != OFF and WORDS[office](wall.weekday(), wall.hour * 60 + wall.minute)


STAFF, MACHINES = ("staff/1", "staff/22"), ("ai/draft", "program/nightly", "system/watch", "outside")
MAY = {
    "anybody": ((), (*STAFF, *MACHINES)),
    "people": (("staff/",), STAFF),
    "people and ai": (("staff/", "ai/"), (*STAFF, "ai/draft")),
    "outside": (("outside",), ("outside",)),
    "schedules": (("program/", "system/"), ("program/nightly", "system/watch")),
}
"""Who may answer: as the clock is told, and by name."""
COUNTED = {"sent": {"brand"}, "approved": {"brand", "approve"}, "submitted": {"brand", "approve", "submit"}}
CAUSES = ["approval", "third_party", "outage", "customer"]
KINDS = (
    ["customer"] * 5
    + ["brand"] * 4
    + ["submit", "approve", "note", "assign", "queue"]
    + ["pause", "resume"] * 3
    + ["close", "reopen", "delete", "delete"]
)


@st.composite
def talks(draw) -> list[ClockEvent]:
    """What happens in a case, minutes or hours apart; at the end nothing waits for anything."""
    at, post, events, holding = draw(st.integers(0, 6 * DAY)), 0, [], []
    for _ in range(draw(st.integers(1, 16))):
        kind = draw(st.sampled_from(KINDS)) if events else "customer"
        post += kind == "customer"
        cause = draw(st.sampled_from(CAUSES)) if kind == "pause" else ""
        if kind == "resume":
            cause = draw(st.sampled_from([*(holding or CAUSES), ""]))
        holding = (
            [*holding, cause]
            if kind == "pause"
            else [c for c in holding if kind != "resume" or (cause and c != cause)]
        )
        says = kind in ("brand", "submit", "approve", "note", "assign")
        by = draw(st.sampled_from([*STAFF, *STAFF, *MACHINES])) if says else ""
        about = post if kind == "customer" else draw(st.integers(1, max(post, 1))) if kind == "delete" else 0
        events.append(ClockEvent(START + at * MINUTE, kind, "care" if kind == "queue" else cause, by, about))
        at += draw(st.sampled_from([1, 3, 17, 60, 240, 700]))
    return [*events, ClockEvent(START + at * MINUTE, "resume")]


class Owed:
    """An answer within so many minutes: which names may give it, which of its moments count, what makes it wait."""

    def __init__(
        self, within: int, names: tuple[str, ...], moments: set[str], waits: tuple[str, ...]
    ) -> None:
        self.within, self.names, self.moments, self.waits = within, names, moments, waits


class Walker:
    """Walks minute by minute and notes promises as (metric, started, post, how it ended, when, minute it fell or falls due)."""

    def __init__(self, office: str, first: Owed, following: Owed) -> None:
        self.office, self.first, self.following = office, first, following
        self.answered = self.closed = False
        self.waiting, self.cut, self.why = [], [], set()
        self.promise, self.told = None, []

    def owed(self) -> Owed:
        return self.following if self.answered else self.first

    def walk(self, minute: int, until: int) -> None:
        for m in range(minute, until):
            if works(self.office, m) and not self.why & set(self.owed().waits):
                for message in self.waiting:
                    message["left"] -= message["left"] > 0
                    if not message["left"] and not message["out"]:
                        message["out"] = m + 1

    def falls_due(self, message: dict, minute: int) -> int:
        left = message["left"]
        while left:
            left -= works(self.office, minute)
            minute += 1
        return message["out"] or minute

    def begin(self, minute: int) -> None:
        if self.waiting and self.promise is None:
            metric = "next_response" if self.answered else "first_response"
            self.promise = (metric, minute, self.waiting[0]["post"])

    def end(self, how: str, minute: int) -> None:
        if self.promise is not None:
            due = min(self.falls_due(message, minute) for message in self.waiting)
            self.told.append((*self.promise, how, minute if how != "open" else 0, due))
        self.promise, self.waiting = None, []

    def happens(self, e: ClockEvent, minute: int) -> None:
        if e.kind == "customer":
            self.closed, self.cut = False, []
            self.why.discard("customer")
            self.waiting.append({"post": e.post, "at": minute, "left": self.owed().within, "out": 0})
            self.begin(minute)
        elif e.kind in self.owed().moments and e.by in self.owed().names:
            self.end("kept", minute)
            self.answered, self.cut = True, []
        elif e.kind == "pause" and not self.closed:
            self.why.add(e.cause)
        elif e.kind == "resume":
            self.why = self.why - {e.cause} if e.cause else set()
        elif e.kind == "delete":
            self.take_back(e.post, minute)
        elif e.kind in ("close", "reopen"):
            self.open_or_close(e.kind == "close", minute)

    def take_back(self, post: int, minute: int) -> None:
        self.cut = [message for message in self.cut if message["post"] != post]
        rest = [message for message in self.waiting if message["post"] != post]
        if self.promise and self.promise[2] == post:
            self.end("dropped", minute)
        self.waiting = rest
        self.begin(rest[0]["at"] if rest else minute)

    def open_or_close(self, closes: bool, minute: int) -> None:
        if closes and not self.closed:
            self.cut, self.closed = list(self.waiting), True
            self.end("dropped", minute)
            self.why = set()
        elif not closes and self.closed:
            self.closed = False
            within = self.owed().within
            self.waiting = [{**message, "left": message["left"] or within, "out": 0} for message in self.cut]
            self.cut = []
            self.begin(minute)


def walked(office: str, events: list[ClockEvent], first: Owed, following: Owed) -> list[tuple]:
    walker, minute = Walker(office, first, following), 0
    for e in events:
        now = (e.at - START) // MINUTE
        walker.walk(minute, now)
        minute = now
        walker.happens(e, now)
    walker.end("open", minute)
    return walker.told


def minutes(instant: int) -> int:
    """Whole minutes after ``BEGIN``; anything between them is a fault."""
    since = to_datetime(instant) - BEGIN
    assert not since % timedelta(minutes=1)
    return since // timedelta(minutes=1)


WITHIN = st.sampled_from([1, 3, 15, 50, 200, 900])
PAUSES = st.sampled_from([(), ("customer",), ("approval", "third_party"), tuple(CAUSES)])


@given(
    talks(), st.tuples(WITHIN, WITHIN), st.tuples(*[st.sampled_from(sorted(MAY))] * 2),
    st.tuples(*[st.sampled_from(sorted(COUNTED))] * 2), st.tuples(PAUSES, PAUSES), st.sampled_from(sorted(OFFICES)),
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_promised_answers_agree_with_the_walker(events, within, who, counts, waits, office):
    terms = list(zip(within, who, counts, waits, strict=True))
    told = [Target(n * MINUTE, MAY[w][0], c, p) for n, w, c, p in terms]
    owed = [Owed(n, MAY[w][1], COUNTED[c], p) for n, w, c, p in terms]
    found = [
        (
            p.metric, minutes(p.started), p.post, "kept" if p.satisfied else "dropped" if p.cancelled else "open",
            minutes(p.satisfied or p.cancelled) if not p.is_open() else 0, minutes(p.due),
        )
        for p in fold(events, *told, timetable(office))
    ]  # fmt: skip
    assert found == walked(office, events, *owed)
