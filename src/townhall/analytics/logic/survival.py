"""Time to first response over all who asked, those still waiting included.

Product-limit estimate (Kaplan and Meier 1958) over logarithmic buckets: whoever still waits, or whose promise was
called off, counts as waiting at least that long. Promises are known by the hour (or the five minutes) they began in; those
still waiting are spread evenly over it, in steps of five minutes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from townhall.analytics.logic.buckets import MADE, bucket_of, upper_edge
from townhall.kernel.clock import HOUR, MINUTE, Instant

_STEP = 5 * MINUTE


class Waits(Struct, frozen=True):
    """Who was answered and who was not, by bucket of how long."""

    answered: Mapping[int, float]
    unfinished: Mapping[int, float]
    waiting: int
    answers: int


def waits(rows: Iterable[tuple[Instant, int, int, int]], now: Instant, grain: Instant = HOUR) -> Waits:
    """Rows of (when begun, bucket, answers, given up), with beginnings in ``MADE``, as waits up to ``now``.

    Beginnings are known to their ``grain``. Rows may come summed: ends by bucket under the time 0, and what is left open of
    each beginning in ``MADE``.
    """
    answered: defaultdict[int, float] = defaultdict(float)
    unfinished: defaultdict[int, float] = defaultdict(float)
    open_by_hour: defaultdict[Instant, int] = defaultdict(int)
    for hour, bucket, answers, given_up in rows:
        if bucket == MADE:
            open_by_hour[hour] += answers
            continue
        open_by_hour[hour] -= answers + given_up
        answered[bucket] += answers
        unfinished[bucket] += given_up
    waiting = 0
    for hour, count in open_by_hour.items():
        waiting += max(count, 0)
        _spread(unfinished, hour, max(count, 0), now, grain)
    return Waits(dict(answered), dict(unfinished), waiting, round(sum(answered.values())))


def _spread(
    unfinished: defaultdict[int, float], hour: Instant, count: int, now: Instant, grain: Instant
) -> None:
    starts = [at for at in range(hour + _STEP // 2, hour + grain, _STEP) if at < now] or [hour]
    for start in starts if count else ():
        unfinished[bucket_of(max(now - start, 0))] += count / len(starts)


def quantile(counted: Waits, share: float) -> Instant | None:
    """The time by which that share of all who asked has been answered: the upper edge of its bucket.

    ``None`` while not so many have been answered that it could be known.
    """
    buckets = sorted({*counted.answered, *counted.unfinished})
    at_risk = sum(counted.answered.values()) + sum(counted.unfinished.values())
    standing = 1.0
    for bucket in buckets:
        events = counted.answered.get(bucket, 0.0)
        if events and at_risk > 0:
            standing *= 1 - events / at_risk
            if standing <= 1 - share + 1e-12:
                return upper_edge(bucket)
        at_risk -= events + counted.unfinished.get(bucket, 0.0)
    return None
