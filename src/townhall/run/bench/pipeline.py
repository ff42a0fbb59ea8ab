"""``townhall bench pipeline``: the whole way of a post, all stages, durable, on the embedded database."""

import multiprocessing
import queue
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct

from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.opening import open_account, open_brand, starter
from townhall.flow.pipeline import BATCH
from townhall.flow.policy_activation import queues_of
from townhall.intake.store import Account
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import Unavailable
from townhall.policy import store as policies
from townhall.policy.logic import parse_policy
from townhall.routing import store as routing
from townhall.run.bench import offering, processes
from townhall.run.bench.cost import Memory, peak_rss_mb, tree_seconds
from townhall.run.bench.offering import Door, Offer
from townhall.run.bench.rules import large_policy
from townhall.run.settings import Settings
from townhall.vault import open_keys

BURST = 20_000
"""Posts a second that a burst offers, where no rate is given."""
_LEG = 200_000
"""Posts that are filled at a time, so that their lines never take much room."""
_PATIENCE_S = 120
Told = Callable[[str, int, int], None]


class Wanted(Struct, frozen=True):
    """What to measure: ``posts`` at ``rate`` a second (0: as fast as they go) when ``stored`` are there, with so many rules
    more than the starter policy's, sending to ``queues`` queues. ``burst`` never waits for the pipeline."""

    posts: int
    rate: float = 0
    stored: int = 0
    workers: int = 2
    batch: int | None = None
    rules: int = 0
    queues: int = 0
    burst: bool = False


class Run(Struct):
    """One offering of posts: what it took and what it cost."""

    posts: int
    seconds: float
    own_cpu: float
    db_cpu: float
    stages: dict[str, float]
    waits: list[tuple[int, int]]
    pages: dict[str, list[float]]
    rss: float
    shares: dict[str, float]
    """CPU seconds of ours by process."""
    memory: dict[str, dict[str, float]]
    taken: offering.Taken
    searchable: float
    """Seconds from the last commit of the pipeline until index and journal had caught up as well."""


def bench_pipeline(settings: Settings, database: Database, wanted: Wanted, told: Told) -> dict[str, Any]:
    """Fills up to ``stored`` posts where fewer are there, then measures."""
    keys = open_keys(settings.home)
    rate = wanted.rate or (BURST if wanted.burst else 0)
    with connect(database.dsn("worker"), "bench") as line:
        with transaction(line):
            brand = open_brand(line, "bench", system_clock(), name="Bench").brand
            account = open_account(line, brand, "activitystreams", "harbourtel")
            _judge_by(
                line, brand.id, large_policy(wanted.rules, wanted.queues) if wanted.rules else starter()
            )
        door = Door(settings.home, line, keys, account)
        crew = Crew(settings, database, account, door, wanted.workers, wanted.batch or BATCH)
        filled, base = offering.stored(line)
        while filled < wanted.stored:
            leg = min(_LEG, wanted.stored - filled)
            told("filling", filled, wanted.stored)
            crew.run(Offer(leg, 0, base), False, _nobody)
            filled, base = offering.stored(line)
        run = crew.run(
            Offer(wanted.posts, rate, base), True, lambda done: told("measuring", done, wanted.posts)
        )
    return figures(run)


def _nobody(done: int) -> None:
    """Hears nothing."""


def _both(first: Callable[[int], None], second: Callable[[int], None]) -> Callable[[int], None]:
    def hear(done: int) -> None:
        first(done)
        second(done)

    return hear


def _judge_by(line: psycopg.Connection[Any], brand: int, source: str) -> None:
    """Makes that policy the brand's own, with the queues it sends to."""
    if [text for owner, _, text in policies.active(line, []) if owner == brand] == [source]:
        return
    policy = parse_policy(source)
    policies.add(line, brand, source, policy.digest, "bench", activate=True)
    routing.add_queues(line, brand, queues_of(policy))


def figures(run: Run) -> dict[str, Any]:
    """The JSON object. CPU in microseconds a post; freshness is received to committed rollup, weighted by post."""
    waits = sorted(run.waits)
    return {
        "posts": run.posts,
        "seconds": round(run.seconds, 3),
        "posts_per_s": round(run.posts / run.seconds, 1),
        "cpu_us_per_post": round(run.own_cpu / run.posts * 1e6, 1),
        "db_cpu_us_per_post": round(run.db_cpu / run.posts * 1e6, 1),
        "cores": round((run.own_cpu + run.db_cpu) / run.seconds, 3),
        "cpu_us_by_process": {name: round(used / run.posts * 1e6, 1) for name, used in run.shares.items()},
        "stages": {name: round(seconds / run.posts * 1e6, 2) for name, seconds in run.stages.items()},
        "freshness_ms": {"p50": _weighted(waits, 0.5), "p99": _weighted(waits, 0.99)},
        "inbox_ms": {"p50": _rank(run.pages["inbox"], 0.5), "p99": _rank(run.pages["inbox"], 0.99)},
        "live_ms": {"p50": _rank(run.pages["live"], 0.5), "p99": _rank(run.pages["live"], 0.99)},
        "peak_rss_mb": round(run.rss, 1),
        "rss_mb": run.memory,
        "backlog": {
            "taken_per_s": round(run.posts / run.taken.seconds, 1),
            "most_waiting": run.taken.most_waiting,
            "caught_up_s": round(run.seconds - run.taken.seconds, 3),
            "searchable_s": round(run.searchable, 3),
        },
    }


class Crew:
    """The processes around one benchmark."""

    def __init__(
        self, settings: Settings, database: Database, account: Account, door: Door, workers: int, batch: int
    ) -> None:
        self._settings, self._database, self._account = settings, database, account
        self._door, self._workers, self._batch = door, workers, batch

    def run(self, offer: Offer, pages: bool, told: Callable[[int], None]) -> Run:
        """Starts the processes, offers the posts, waits until all are committed and numbered, and adds up."""
        context = multiprocessing.get_context("spawn")
        stop, out = context.Event(), context.Queue()
        crew = self._start(context, stop, out, pages)
        try:
            return self._measured(crew, stop, out, offer, told)
        finally:
            stop.set()
            for process in crew:
                process.join(5)
                process.kill()

    def _measured(
        self, crew: list[Any], stop: Any, out: Any, offer: Offer, told: Callable[[int], None]
    ) -> Run:
        for _ in crew:
            _hear(out, crew)
        line, postmaster = self._door.line, _postmaster(self._door.line)
        lines = self._door.prepare(offer)
        memory = Memory(crew, postmaster, offer.posts)
        before, before_db, before_own = self._ours(crew), tree_seconds(postmaster), time.process_time()
        began = time.perf_counter()
        taken = self._door.take(lines, offer, _both(memory.look, told))
        _wait(line, offering.waiting, crew)
        seconds = time.perf_counter() - began
        spent = {name: used - before[name] for name, used in self._ours(crew).items()}
        spent["door"] = time.process_time() - before_own
        spent_db = tree_seconds(postmaster) - before_db
        rss = max([peak_rss_mb(process.pid) for process in crew] + [peak_rss_mb()])
        _wait(line, offering.behind, crew)
        searchable = time.perf_counter() - began - seconds
        stop.set()
        stages, waits, read = _gather(out, crew)
        lines.remove()
        return Run(
            offer.posts, seconds, sum(spent.values()), spent_db, stages, waits, read, rss, spent, memory.seen,
            taken, searchable,
        )  # fmt: skip

    def _start(self, context: Any, stop: Any, out: Any, pages: bool) -> list[Any]:
        home = self._settings.home
        crew = [
            context.Process(
                name="workers", target=processes.work, args=(home, n, self._workers, self._batch, stop, out)
            )
            for n in range(self._workers)
        ]
        crew.append(context.Process(name="clock", target=processes.sequence, args=(home, stop, out)))
        if pages:
            crew.append(
                context.Process(
                    name="pages", target=processes.read_pages, args=(home, self._account.brand_id, stop, out)
                )
            )
        for process in crew:
            process.start()
        return crew

    @staticmethod
    def _ours(crew: list[Any]) -> dict[str, float]:
        found: dict[str, float] = {}
        for process in crew:
            found[process.name] = found.get(process.name, 0.0) + tree_seconds(process.pid)
        return found


def _wait(line: psycopg.Connection[Any], left: Callable[[Any], int], crew: Sequence[Any]) -> None:
    """Waits until nothing is left. Raises ``Unavailable`` when a process dies or nothing moves for two minutes."""
    least, since = left(line), time.monotonic()
    while (now := left(line)) > 0:
        if any(process.exitcode is not None for process in crew):
            raise Unavailable("a process of the benchmark ended with an error; see above")
        if now < least:
            least, since = now, time.monotonic()
        elif time.monotonic() - since > _PATIENCE_S:
            raise Unavailable(f"{now} posts wait and nothing takes them; see the log above")
        time.sleep(0.02)


def _postmaster(door: psycopg.Connection[Any]) -> int:
    row = door.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    stat = Path(f"/proc/{row[0]}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def _gather(
    out: Any, crew: list[Any]
) -> tuple[dict[str, float], list[tuple[int, int]], dict[str, list[float]]]:
    stages: dict[str, float] = {}
    waits: list[tuple[int, int]] = []
    pages: dict[str, list[float]] = {"inbox": [], "live": []}
    for _ in crew:
        kind, value = _hear(out, crew)
        if kind == "pages":
            pages = value
        elif kind == "done":
            waits += value[1]
            for stage, seconds in value[0].items():
                stages[stage] = stages.get(stage, 0.0) + seconds
    return stages, waits, pages


def _hear(out: Any, crew: list[Any]) -> Any:
    """The next word of a process. Raises ``Unavailable`` when one has died instead of speaking."""
    while True:
        try:
            return out.get(timeout=1)
        except queue.Empty:
            dead = [process.name for process in crew if process.exitcode not in (None, 0)]
            if dead:
                raise Unavailable(
                    f"{', '.join(dead)} of the benchmark ended with an error; see above"
                ) from None


def _weighted(waits: list[tuple[int, int]], share: float) -> float:
    goal, seen = share * sum(items for _, items in waits), 0
    for waited, items in waits:
        seen += items
        if seen >= goal:
            return round(waited / 1000, 1)
    return 0.0


def _rank(values: list[float], share: float) -> float:
    if not values:
        return 0.0
    return (
        round(statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1], 2)
        if len(values) > 1
        else round(values[0], 2)
    )
