"""From the rows of a figure's one query to the figure. Pure: rows and ``now`` in, a measure out."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from townhall.analytics.logic.forecast import MINUTES, will_be_missed
from townhall.analytics.logic.survival import quantile, waits
from townhall.analytics.logic.usual import usual_range
from townhall.kernel.clock import HOUR, MINUTE, Instant

Rows = Sequence[tuple[Any, ...]]


class Measure(Struct, frozen=True):
    """A figure as measured. ``value`` is ``None`` when there is nothing to measure; ``usual`` low and high."""

    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    parts: tuple[tuple[str, float], ...] = ()
    usual: tuple[float, float] | None = None


def attainment(rows: Rows, now: Instant) -> Measure:
    """(met, late, never answered, running): the share met of those that fell due; the others are missed."""
    met, late, unanswered, running = (int(n) for n in rows[0])
    due = met + late + unanswered
    parts = (
        ("met", float(met)),
        ("missed", float(late + unanswered)),
        ("late", float(late)),
        ("unanswered", float(unanswered)),
        ("running", float(running)),
    )
    return Measure(round(100 * met / due, 1) if due else None, met, due, parts)


def waiting_now(rows: Rows, now: Instant) -> Measure:
    """(waiting, missed among them, start of the oldest due or 0): how many wait, and how long the oldest has."""
    count, missed, oldest = (int(n) for n in rows[0])
    minutes = (now - oldest) // MINUTE if oldest else 0
    return Measure(float(count), parts=(("missed", float(missed)), ("oldest_minutes", float(minutes))))


def first_response(rows: Rows, now: Instant, grain: Instant = HOUR) -> Measure:
    """(when begun, to its ``grain``; bucket, answers, given up): median and 90th percentile in minutes, the unanswered
    counted."""
    counted = waits([(row[0], row[1], row[2], row[3]) for row in rows], now, grain)
    median, p90 = quantile(counted, 0.5), quantile(counted, 0.9)
    parts = [("waiting", float(counted.waiting)), ("answered", float(counted.answers))]
    if p90 is not None:
        parts.insert(0, ("p90", _minutes(p90)))
    return Measure(None if median is None else _minutes(median), parts=tuple(parts))


def _minutes(elapsed: Instant) -> float:
    return round(elapsed / MINUTE, 1)


def posts_received(rows: Rows, now: Instant) -> Measure:
    """(account, weeks ago, when, posts): those of the period, against the same hours of earlier weeks. A week without a
    post has a row of nobody's, so that it counts as one of none."""
    weeks: Counter[int] = Counter()
    for _, ago, _, posts in rows:
        weeks[ago] += posts
    total = weeks.pop(0, 0)
    return Measure(float(total), usual=usual_range([float(n) for n in weeks.values()]))


def held_now(rows: Rows, now: Instant) -> Measure:
    """(reason, count, oldest): how many are held, and how long the oldest has been."""
    oldest = min((row[2] for row in rows), default=now)
    return Measure(
        float(sum(row[1] for row in rows)), parts=(("oldest_minutes", float((now - oldest) // MINUTE)),)
    )


def missed_soon(rows: Rows, now: Instant) -> Measure:
    """(kind, minute, count): "missed" waiting already, "due" in each coming minute, "answers" of the last thirty."""
    start = now - now % MINUTE
    due = [0] * MINUTES
    missed = answers = 0
    for kind, at, count in rows:
        if kind == "missed":
            missed += int(count)
        elif kind == "answers":
            answers += int(count)
        else:
            due[min((at - start) // MINUTE, MINUTES - 1)] += int(count)
    pace = answers / MINUTES
    lost = will_be_missed(missed, due, pace)
    return Measure(
        float(lost), lost, sum(due), (("pace_an_hour", round(pace * 60, 1)), ("missed", float(missed)))
    )
