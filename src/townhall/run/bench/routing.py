"""``townhall bench routing``: real days replayed with made-up agents, by the engine and by two plain ways; and its cost.

What is real: when customers wrote, to whom, who wrote again, and how fast the fastest tenth of each brand's replies
was. What is made up, and the same for every way within a replay: people, their skills and shifts, which cases are
private or in a second language, how work scatters, and by how much lacking a skill slows an answer (``unskilled``) and
knowing the customer speeds it (``same``). ``busy_all_alike`` is the regime in which neither matters.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import t

from townhall.kernel.clock import HOUR, MINUTE
from townhall.routing.logic import Agent, Queue, Requirement, Rules, Waiting, hand_out
from townhall.run.bench.routing_days import Days, read_days
from townhall.run.bench.routing_floor import Dispatcher, Regime, World, make_world, replay
from townhall.run.bench.routing_ways import FIRST_COME, ROUND_ROBIN, engine

REGIMES = (
    Regime("quiet", 0.6, 1.6, 0.85),
    Regime("busy", 0.85, 1.6, 0.85),
    Regime("overrun", 1.1, 1.6, 0.85),
    Regime("busy_all_alike", 0.85, 1.0, 1.0),
)
PLAIN = ("round_robin", "first_come")
Measure = dict[str, float]


def bench_routing(sets: Path, seeds: int, posts: int, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Means of each way by regime, and the differences of the engine to each plain way, paired by seed, with 95 % intervals.

    Raises ``NotFound`` when the data are not there.
    """
    found = read_days(sets)
    regimes: dict[str, Any] = {}
    for place, regime in enumerate(REGIMES):
        replays = []
        for seed in range(seeds):
            replays.append(one_replay(found, regime, seed, posts))
            progress(place * seeds + seed + 1, len(REGIMES) * seeds)
        regimes[regime.name] = summed(replays)
    return {
        "days": [[day, len(arrivals)] for day, arrivals in found.days], "seeds": seeds, "posts_per_replay": posts,
        "regimes": regimes, "cost": cost(),
    }  # fmt: skip


def one_replay(found: Days, regime: Regime, seed: int, posts: int) -> dict[str, Measure]:
    """One day, drawn by the seed, by every way."""
    chance = random.Random(seed)  # noqa: S311 - a simulation
    _, arrivals = chance.choice(found.days)
    world = make_world(arrivals, found.trades, regime, seed, posts)
    works = {job.queue: found.trades[job.queue].work for job in world.jobs}
    ways = (engine("promise", works), engine("save", works), ROUND_ROBIN, FIRST_COME)
    return {way.name: measured(world, way) for way in ways}


def measured(world: World, way: Dispatcher) -> Measure:
    """What one replay came to: share of promises kept, and minutes of waiting (mean, and nine of ten)."""
    done = replay(world, way)
    waits = sorted(wait / MINUTE for _, wait in done)
    kept = sum(job.at + wait <= job.due for job, wait in done)
    return {
        "kept": 100 * kept / len(done), "wait_mean_min": statistics.fmean(waits), "wait_p90_min": waits[len(waits) * 9 // 10],
    }  # fmt: skip


def summed(replays: Sequence[dict[str, Measure]]) -> dict[str, Any]:
    """Means by way, and paired differences with their intervals and what they say."""
    means = {
        way: {name: round(statistics.fmean(r[way][name] for r in replays), 2) for name in replays[0][way]}
        for way in replays[0]
    }
    against = {
        f"{way} - {plain}": {name: difference([r[way][name] - r[plain][name] for r in replays], name) for name in measures}
        for way, measures in means.items() if way not in PLAIN for plain in PLAIN
    }  # fmt: skip
    return {"means": means, "differences": against}


def difference(found: Sequence[float], name: str) -> dict[str, Any]:
    """Mean difference with its 95 % interval (Student's t over seeds); ``says`` better, worse, or no difference shown."""
    mean, count = statistics.fmean(found), len(found)
    half = (
        float(t.ppf(0.975, count - 1)) * statistics.stdev(found) / count**0.5 if count > 1 else float("inf")
    )
    low, high = mean - half, mean + half
    gain = low > 0 if name == "kept" else high < 0
    loss = high < 0 if name == "kept" else low > 0
    says = "better" if gain else "worse" if loss else "no difference shown"
    return {"mean": round(mean, 2), "low": round(low, 2), "high": round(high, 2), "says": says}


def cost(queues: int = 200, cases: int = 1_000, people: int = 300, rounds: int = 7) -> dict[str, Any]:
    """Milliseconds of processor time of one pass over a large house, decisions alone: median of several, with and without every reason kept."""
    now = 1_000 * HOUR
    house = [Queue(f"q{n}", f"Q{n}", True, (Requirement(f"s{n % 20}"),)) for n in range(queues)]
    staff = [
        Agent(
            n, tuple(sorted({f"q{(n * 7 + k * 13) % queues}" for k in range(6)})),
            tuple(sorted((f"s{k}", 2) for k in range(20))), heard=now,
        )
        for n in range(1, people + 1)
    ]  # fmt: skip
    waiting = [Waiting(n, f"q{n % queues}", now + n * MINUTE, now - n * MINUTE) for n in range(1, cases + 1)]
    took: dict[bool, list[float]] = {True: [], False: []}
    given = 0
    for _ in range(rounds):
        for explain, times in took.items():
            began = time.process_time()
            given = sum(1 for c in hand_out(waiting, staff, house, Rules(), now, explain=explain) if c.agent)
            times.append((time.process_time() - began) * 1000)
    return {
        "queues": queues, "cases": cases, "people": people, "given": given,
        "ms_a_pass": round(statistics.median(took[True]), 1), "ms_without_reasons": round(statistics.median(took[False]), 1),
    }  # fmt: skip
