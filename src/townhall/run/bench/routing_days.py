"""Real days of customers' posts at many brands (``twcs``), and what real reply times say of each brand's work.

What a reply took from start to end is not in the data: real reply times hold the wait as well. The tenth of them that
came fastest hardly waited, so the brand's tenth percentile stands for its work, within one and fifteen minutes.
"""

from collections import defaultdict
from pathlib import Path

from msgspec import Struct

from townhall.enrich.sets import rows
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_iso
from townhall.kernel.errors import NotFound

FEWEST = 1_500
"""Posts of a day that is replayed."""
QUEUES = 20
"""The busiest brands of a day are a queue each; all others share one."""
PROMISES = (15 * MINUTE, HOUR, 4 * HOUR)
REST = "others"


class Trade(Struct, frozen=True):
    """One brand: median work of an answer, and the answer it promises: the shortest of the usual promises that its own
    people kept for at least half of their replies."""

    work: Instant
    promise: Instant


class Arrival(Struct, frozen=True):
    """One customer's post: when in the day (microseconds from midnight UTC), to which queue, from whom."""

    at: Instant
    queue: str
    customer: str


class Days(Struct, frozen=True):
    """The days there are, in order, and the brands' trades."""

    days: tuple[tuple[str, tuple[Arrival, ...]], ...]
    trades: dict[str, Trade]


def read_days(sets: Path) -> Days:
    """Every day with at least ``FEWEST`` posts of customers. Raises ``NotFound`` when the set is not there."""
    by_day: defaultdict[str, dict[str, Arrival]] = defaultdict(dict)
    for file in ("posts", "skeleton_no_text"):
        for row in rows(sets, "twcs", file):
            if row["inbound"] == "1":
                at = from_iso(row["created_at"])
                post = Arrival(at % DAY, row["brand"], row["author_id"])
                by_day[row["created_at"][:10]].setdefault(row["tweet_id"], post)
    days = {day: list(found.values()) for day, found in by_day.items() if len(found) >= FEWEST}
    if not days:
        raise NotFound(f"twcs in {sets} holds no day with {FEWEST} posts of customers")
    trades = _trades(sets)
    return Days(tuple((day, _queued(found, trades)) for day, found in sorted(days.items())), trades)


def _queued(found: list[Arrival], trades: dict[str, Trade]) -> tuple[Arrival, ...]:
    """A day in order, the posts of all but its busiest brands in one queue."""
    counts: defaultdict[str, int] = defaultdict(int)
    for post in found:
        counts[post.queue] += 1
    busy = [name for name in counts if name in trades]
    own = set(sorted(busy, key=lambda name: (-counts[name], name))[:QUEUES])
    kept = [Arrival(p.at, p.queue if p.queue in own else REST, p.customer) for p in found]
    return tuple(sorted(kept, key=lambda post: (post.at, post.queue, post.customer)))


def _trades(sets: Path) -> dict[str, Trade]:
    took: defaultdict[str, list[Instant]] = defaultdict(list)
    for row in rows(sets, "twcs", "reply_pairs"):
        took[row["brand"]].append(int(row["response_seconds"]) * SECOND)
    took[REST] = [one for each in took.values() for one in each]
    return {name: _trade(sorted(found)) for name, found in took.items() if len(found) >= 50}


def _trade(took: list[Instant]) -> Trade:
    work = min(max(took[len(took) // 10], MINUTE), 15 * MINUTE)
    half = took[len(took) // 2]
    return Trade(work, next((one for one in PROMISES if half <= one), PROMISES[-1]))
