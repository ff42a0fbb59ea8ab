"""Replays a service desk's real log through our clocks, and compares met and missed with what the desk itself wrote down.

The log says for each incident what happened when, and at its end whether it was in time; it does not say what was promised.
So the promise is learnt on one half of the incidents (hours, what stops the clock, which act ends it, the time allowed by
priority) and tried on the other half, which it has not seen. What then still differs is sorted into classes.
"""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from msgspec import Struct

from townhall.calendar import Timetable, parse_calendar
from townhall.kernel.clock import DAY, HOUR, Instant, from_datetime
from townhall.kernel.errors import NotFound
from townhall.routing.logic import ClockEvent, Target
from townhall.routing.logic.meter import Measure, measure

FILE = Path("sla_incident_log") / "dev.events.csv.gz"
HOURS: dict[str, Any] = {
    "around the clock": "always",
    "weekdays": {"mon-fri": "always"},
    "weekdays 8 to 18": {"mon-fri": ["08:00-18:00"]},
    "weekdays 9 to 17": {"mon-fri": ["09:00-17:00"]},
}
STOPS: dict[str, tuple[str, ...]] = {
    "nothing": (), "waiting for the customer": ("customer",),
    "waiting for anybody": ("customer", "third_party"),
}  # fmt: skip
ENDS = ("resolved", "closed")
_WAITS = {
    "Awaiting User Info": "customer", "Awaiting Vendor": "third_party", "Awaiting Problem": "third_party",
    "Awaiting Evidence": "third_party",
}  # fmt: skip
_NEAR = 0.05
"""Share of the time allowed that is called near."""
_CROWD = 20
_LATE_IN_THE_DAY = 15 * HOUR
_LONG = 1 << 60
_NO_REASON = "no reason in the log"

Told = Callable[[int, int], None]


class Incident(Struct, frozen=True):
    """One incident: its events, when it was resolved and closed (0: never), and what the desk wrote down."""

    number: str
    priority: str
    events: tuple[ClockEvent, ...]
    ends: dict[str, Instant]
    met: bool
    priorities: int
    reopened: bool
    waited: bool


class Terms(Struct, frozen=True):
    """A promise as it may have been."""

    hours: str
    stops: str
    end: str


def sla_replay(sets: Path, told: Told) -> dict[str, Any]:
    """How often our clocks say what the desk said, on incidents they have not seen, and why not where they do not."""
    incidents = _read(sets / FILE)
    known = [one for one in incidents if int(one.number) % 2]
    unseen = [one for one in incidents if not int(one.number) % 2]
    tried = []
    grid = [Terms(*terms) for terms in product(HOURS, STOPS, ENDS)]
    for place, terms in enumerate(grid):
        spent = _spent(known, terms)
        limits = _limits(known, spent)
        tried.append((_agree(known, spent, limits), place, terms, limits))
        told(place + 1, len(grid))
    _, _, best, limits = max(tried, key=lambda row: (row[0], -row[1]))
    spent = _spent(unseen, best)
    differences = _differences(unseen, spent, limits)
    right = _agree(unseen, spent, limits)
    usual = Counter(one.met for one in known).most_common(1)[0][0]
    return {
        "incidents": len(incidents), "unseen": len(unseen), "agreement": round(right / len(unseen), 4),
        "always_the_commoner": round(sum(one.met == usual for one in unseen) / len(unseen), 4),
        "terms": {"hours": best.hours, "stops_for": best.stops, "ends_when": best.end},
        "limits_hours": {priority: round(limit / HOUR, 1) for priority, limit in sorted(limits.items())},
        "tried": [
            {"hours": t.hours, "stops_for": t.stops, "ends_when": t.end, "agreement": round(found / len(known), 4)}
            for found, _, t, _ in sorted(tried, key=lambda row: -row[0])
        ],
        "differences": differences, "unexplained": sum(differences.get(_NO_REASON, {}).values()),
    }  # fmt: skip


def _read(path: Path) -> list[Incident]:
    if not path.exists():
        raise NotFound(f"{path} is not there; give the folder of data sets with --sets")
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["number"]].append(row)
    return [_incident(number, found) for number, found in sorted(rows.items())]


def _incident(number: str, rows: Sequence[dict[str, str]]) -> Incident:
    last = rows[-1]
    opened = _at(last["opened_at"])
    events = [ClockEvent(opened, "customer", post=1), *_waits(rows, opened)]
    ends = {"resolved": _at(last["resolved_at"]), "closed": _at(last["closed_at"])}
    return Incident(
        number, last["priority"], tuple(events), ends, last["made_sla"] == "true",
        len({row["priority"] for row in rows}), int(last["reopen_count"]) > 0,
        any(row["ident_state"] in _WAITS for row in rows),
    )  # fmt: skip


def _waits(rows: Sequence[dict[str, str]], opened: Instant) -> Iterable[ClockEvent]:
    held = ""
    for row in rows:
        cause, at = _WAITS.get(row["ident_state"], ""), max(_at(row["sys_updated_at"]), opened)
        if cause != held:
            if held:
                yield ClockEvent(at, "resume", held)
            if cause:
                yield ClockEvent(at, "pause", cause)
            held = cause


def _at(text: str) -> Instant:
    if text == "?":
        return 0
    return from_datetime(datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC))


def _spent(incidents: Sequence[Incident], terms: Terms) -> list[Instant]:
    """The working time each took, by our own fold; what never ended took for ever."""
    table = Timetable(parse_calendar({"id": "desk", "zone": "UTC", "weekly": HOURS[terms.hours]}))
    by = Measure("resolution", Target(200 * 24 * HOUR, pauses=STOPS[terms.stops]), table)
    return [_took(one, one.ends[terms.end], by) for one in incidents]


def _took(one: Incident, end: Instant, by: Measure) -> Instant:
    if not end:
        return _LONG
    events = [event for event in one.events if event.at <= end]
    (promise, *_) = measure([*events, ClockEvent(max(end, events[-1].at), "close")], by)
    return promise.spent


def _limits(incidents: Sequence[Incident], spent: Sequence[Instant]) -> dict[str, Instant]:
    """For each priority the time that parts met from missed best: as many as may be are on their own side."""
    groups: dict[str, list[tuple[Instant, bool]]] = defaultdict(list)
    for one, took in zip(incidents, spent, strict=True):
        groups[one.priority].append((took, one.met))
    return {priority: _limit(sorted(rows)) for priority, rows in groups.items()}


def _limit(rows: Sequence[tuple[Instant, bool]]) -> Instant:
    best = right = sum(not met for _, met in rows)
    limit = 0
    for place, (took, met) in enumerate(rows):
        right += 1 if met else -1
        ends_here = place + 1 == len(rows) or rows[place + 1][0] != took
        if right > best and ends_here:
            best, limit = right, took
    return limit


def _agree(incidents: Sequence[Incident], spent: Sequence[Instant], limits: dict[str, Instant]) -> int:
    return sum(
        (took <= limits.get(one.priority, 0)) == one.met for one, took in zip(incidents, spent, strict=True)
    )


def _differences(
    incidents: Sequence[Incident], spent: Sequence[Instant], limits: dict[str, Instant]
) -> dict[str, dict[str, int]]:
    """What differs, by class; the first class that fits holds each."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    crowds = Counter(one.ends["closed"] for one in incidents)
    for one, took in zip(incidents, spent, strict=True):
        limit = limits.get(one.priority, 0)
        if (took <= limit) != one.met:
            found[_class(one, took, limit, crowds[one.ends["closed"]])][
                "we say met" if took <= limit else "we say missed"
            ] += 1
    return {name: dict(counts) for name, counts in sorted(found.items())}


def _class(one: Incident, took: Instant, limit: Instant, crowd: int) -> str:
    if took == _LONG:
        return "never ended in the log"
    if one.priorities > 1:
        return "priority changed on the way"
    if one.reopened:
        return "opened again"
    if crowd >= _CROWD:
        return "closed with many others in one minute: the desk's own job was late"
    if one.events[0].at % DAY >= _LATE_IN_THE_DAY and one.met:
        return "opened late in the day: the desk's day ends before ours"
    if abs(took - limit) <= _NEAR * limit:
        return "within a twentieth of the limit"
    if one.waited:
        return "waited for somebody"
    return _NO_REASON
