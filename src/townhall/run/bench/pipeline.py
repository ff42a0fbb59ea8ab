"""``townhall bench pipeline``: the whole way of a post, all stages, durable, on the embedded database."""

import multiprocessing
import os
import queue
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct

from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.opening import open_account, open_brand
from townhall.flow.pipeline import BATCH
from townhall.flow.receive import receive
from townhall.intake.store import Account
from townhall.kernel.clock import SECOND, system_clock
from townhall.kernel.errors import Unavailable
from townhall.run.bench import processes
from townhall.run.bench.cost import peak_rss_mb, tree_seconds
from townhall.run.bench.traffic import Traffic
from townhall.run.settings import Settings
from townhall.vault import open_keys

_TICK = 0.1
_BACKLOG = 30_000
Told = Callable[[str, int, int], None]


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


def bench_pipeline(
    settings: Settings,
    database: Database,
    posts: int,
    rate: float,
    stored: int,
    workers: int,
    batch: int | None,
    told: Told,
) -> dict[str, Any]:
    """Fills ``stored`` posts, then measures ``posts`` offered at ``rate`` a second (0: as fast as they go)."""
    keys = open_keys(settings.home)
    with connect(database.dsn("worker"), "bench") as door:
        with transaction(door):
            brand = open_brand(door, "bench", system_clock(), name="Bench").brand
            account = open_account(door, brand, "activitystreams", "harbourtel")
        base = _largest(door) + 1000
        crew = Crew(settings, database, account, door, keys, workers, batch or BATCH)
        if stored:
            crew.run(stored, 0, base, False, lambda done: told("filling", done, stored))
            base += stored * 4
        run = crew.run(posts, rate, base, True, lambda done: told("measuring", done, posts))
    return figures(run)


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
    }


class Crew:
    """The processes around one benchmark."""

    def __init__(
        self, settings: Settings, database: Database, account: Account, door: psycopg.Connection[Any],
        keys: Any, workers: int, batch: int,
    ) -> None:  # fmt: skip
        self._settings, self._database, self._account = settings, database, account
        self._door, self._keys, self._workers, self._batch = door, keys, workers, batch

    def run(self, posts: int, rate: float, base: int, pages: bool, told: Callable[[int], None]) -> Run:
        """Starts the processes, offers the posts, waits until all are committed and numbered, and adds up."""
        context = multiprocessing.get_context("spawn")
        stop, out = context.Event(), context.Queue()
        crew = self._start(context, stop, out, pages)
        try:
            return self._measured(crew, stop, out, posts, rate, base, told)
        finally:
            stop.set()
            for process in crew:
                process.join(5)
                process.kill()

    def _measured(
        self,
        crew: list[Any],
        stop: Any,
        out: Any,
        posts: int,
        rate: float,
        base: int,
        told: Callable[[int], None],
    ) -> Run:
        for _ in crew:
            _hear(out, crew)
        postmaster = _postmaster(self._door)
        lines = Prepared(self._settings.home, posts, base, rate or 50_000)
        before, before_db, before_own = self._ours(crew), tree_seconds(postmaster), time.process_time()
        began = time.perf_counter()
        self._offer(lines, posts, rate, told)
        _drain(self._door, crew=crew)
        seconds = time.perf_counter() - began
        spent = {name: used - before[name] for name, used in self._ours(crew).items()}
        spent["door"] = time.process_time() - before_own
        spent_db = tree_seconds(postmaster) - before_db
        rss = max([peak_rss_mb(p.pid) for p in crew if p.pid] + [peak_rss_mb(os.getpid())])
        stop.set()
        stages, waits, read = _gather(out, crew)
        lines.remove()
        return Run(posts, seconds, sum(spent.values()), spent_db, stages, waits, read, rss, spent)

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

    def _offer(self, lines: "Prepared", posts: int, rate: float, told: Callable[[int], None]) -> None:
        """At the door: a durable commit for each chunk, paced by ``rate`` or by the backlog."""
        chunk = max(1, round(rate * _TICK)) if rate else 1000
        began, done = time.perf_counter(), 0
        stream = lines.stream()
        while done < posts:
            items = list(islice(stream, min(chunk, posts - done)))
            if rate:
                time.sleep(max(0.0, began + done / rate - time.perf_counter()))
            elif done % 10_000 == 0:
                _drain(self._door, _BACKLOG)
            with transaction(self._door):
                receive(self._door, self._keys, self._account, "activitystreams", items, system_clock())
            done += len(items)
            told(done)


class Prepared:
    """Lines written beforehand, so that making them up is not measured."""

    def __init__(self, home: Path, posts: int, base: int, rate: float) -> None:
        self._path = home / f"bench-{os.getpid()}.ndjson"
        start = system_clock() - int(posts / rate * SECOND)
        with self._path.open("wb") as out:
            for line in Traffic(base, base).lines(posts, start, rate):
                out.write(line + b"\n")

    def stream(self) -> Iterator[bytes]:
        """The lines in order."""
        with self._path.open("rb") as lines:
            for line in lines:
                yield line[:-1]

    def remove(self) -> None:
        """Takes the file away."""
        self._path.unlink(missing_ok=True)


def _drain(door: psycopg.Connection[Any], most: int = 0, crew: Sequence[Any] = ()) -> None:
    """Waits until at most ``most`` items wait for the pipeline."""
    while all(process.exitcode is None for process in crew):
        row = door.execute("SELECT coalesce(sum(items), 0) FROM delivery_pending").fetchone()
        if row is None or row[0] <= most:
            return
        time.sleep(0.02)
    raise Unavailable("a process of the benchmark ended with an error; see above")


def _largest(door: psycopg.Connection[Any]) -> int:
    row = door.execute("SELECT coalesce(max(interaction_id) >> 21, 0) FROM post_ledger").fetchone()
    return int(row[0]) if row else 0


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
