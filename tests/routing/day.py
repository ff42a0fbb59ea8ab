"""Words in which the tests of clocks are written: an office, moments, events, and promises told as lines."""

from collections.abc import Sequence
from typing import Any

from townhall.calendar import Timetable, parse_calendar
from townhall.kernel.clock import HOUR, MINUTE, from_iso, to_iso
from townhall.routing.logic import ClockEvent, Promise, Target, fold
from townhall.routing.logic.meter import Measure, measure


def hours(weekly: Any = None, zone: str = "Europe/London", **more: Any) -> Timetable:
    """A timetable; Monday to Friday 9 to 17 in London when nothing else is said."""
    document = {"id": "office", "zone": zone, "weekly": weekly or {"mon-fri": ["09:00-17:00"]}} | more
    return Timetable(parse_calendar(document))


OFFICE = hours(exceptions=[{"date": "2026-12-25"}])
ALWAYS = hours("always", "UTC")
FIRST, NEXT = Target(HOUR), Target(4 * HOUR)


def at(text: str) -> int:
    """A moment of 2026, UTC: ``11-23T09:00``."""
    return from_iso(f"2026-{text}:00Z" if text.count(":") == 1 else f"2026-{text}Z")


def when(instant: int) -> str:
    return to_iso(instant)[5:16]


def event(moment: str, kind: str, cause: str = "", by: str = "", post: int = 0) -> ClockEvent:
    return ClockEvent(at(moment), kind, cause, by, post)  # type: ignore[arg-type]


def wrote(moment: str, post: int = 1) -> ClockEvent:
    return event(moment, "customer", post=post)


def replied(moment: str, by: str = "staff/1") -> ClockEvent:
    return event(moment, "brand", by=by)


def closed(moment: str, by: str = "staff/1", cause: str = "") -> ClockEvent:
    return event(moment, "close", cause, by)


def line(p: Promise) -> str:
    """``first_response due 11-23T10:00 met 11-23T09:30``."""
    end = p.satisfied or p.cancelled
    word = "met" if 0 < p.satisfied <= p.due else "missed" if p.satisfied else p.cause or "open"
    return f"{p.metric} due {when(p.due)} {word}" + (f" {when(end)}" if end else "")


def told(
    *events: ClockEvent, first: Target = FIRST, following: Target = NEXT, by: Timetable = OFFICE
) -> list[str]:
    return [line(p) for p in fold(events, first, following, by)]


def metered(
    metric: str, *events: ClockEvent, within: int = 8 * HOUR, by: Timetable = OFFICE, **how: Any
) -> list[Promise]:
    target = Target(within, **({"pauses": ()} | how))
    return measure(events, Measure(metric, target, by))


def lines(promises: Sequence[Promise]) -> list[str]:
    return [line(p) for p in promises]


def minutes(span: int) -> float:
    return span / MINUTE
