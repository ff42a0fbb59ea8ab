"""The processes of a benchmark: real workers, a real sequencer, a feeder at the door and a reader of pages."""

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from townhall.database.connect import connect, for_brand, transaction
from townhall.database.opening import Database
from townhall.flow import search_follower, sequencer
from townhall.flow.house import House
from townhall.flow.pipeline import Outcome, Worker
from townhall.intake.logic import shards_of_worker
from townhall.kernel.clock import system_clock
from townhall.run.settings import load_settings
from townhall.vault import open_keys

_ASK_EVERY = 0.4
"""Seconds between two looks of somebody at the inbox and the live page."""


def work(home: Path, number: int, workers: int, batch: int, stop: Event, out: "Queue[Any]") -> None:
    """A pipeline worker; hands its outcomes over at the end."""
    settings = load_settings(home)
    worker = Measured(
        Database(settings), House(open_keys(home)), number, shards_of_worker(number, workers), batch=batch
    )
    ended = threading.Event()
    threading.Thread(target=_pass_on, args=(stop, ended.set), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out.put(("ready", number))
    worker.run(ended)
    out.put(("done", (worker.stages, worker.waits, worker.posts, time.process_time())))


class Measured(Worker):
    """A worker that remembers what its batches cost and how long each block waited until its commit."""

    stages: dict[str, float]
    waits: list[tuple[int, int]]
    posts: int = 0

    def step(self, connection: Any) -> Outcome | None:
        """One batch, measured after its commit."""
        outcome = super().step(connection)
        if outcome is not None:
            committed = self._clock()
            if not hasattr(self, "stages"):
                self.stages, self.waits = {}, []
            for stage, seconds in outcome.stages.items():
                self.stages[stage] = self.stages.get(stage, 0.0) + seconds
            self.waits += [(committed - received, items) for received, items in outcome.received]
            self.posts += outcome.items
        return outcome


def read_pages(home: Path, brand: int, stop: Event, out: "Queue[Any]") -> None:
    """Asks for the inbox and the live page, as the pages do, again and again; hands over milliseconds."""
    from townhall.desk import inbox, live
    from townhall.desk.views.inbox import InboxFilter

    settings = load_settings(home)
    asked: dict[str, Callable[[Any, int], object]] = {
        "inbox": lambda connection, now: inbox.page(connection, brand, InboxFilter(), "", now),
        "live": lambda connection, now: live.live(connection, brand, now),
    }
    taken: dict[str, list[float]] = {"inbox": [], "live": []}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.closing(connect(Database(settings).dsn("web"))) as connection:
        out.put(("ready", -1))
        while not stop.wait(_ASK_EVERY):
            for name, ask in asked.items():
                began = time.perf_counter()
                with transaction(connection):
                    for_brand(connection, brand)
                    ask(connection, system_clock())
                taken[name].append((time.perf_counter() - began) * 1000)
    out.put(("pages", taken))


def _pass_on(asked: Any, then: Callable[[], object]) -> None:
    asked.wait()
    then()


async def _until(ended: threading.Event, settings: Any) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(
        target=_pass_on, args=(ended, lambda: loop.call_soon_threadsafe(stop.set)), daemon=True
    ).start()
    await asyncio.gather(
        *(loop.run(settings, Database(settings), stop) for loop in (sequencer, search_follower))
    )


def sequence(home: Path, stop: Event, out: "Queue[Any]") -> None:
    """The sequencer and the follower that makes posts searchable, as the clock role runs them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = threading.Event()
    threading.Thread(target=_pass_on, args=(stop, ended.set), daemon=True).start()
    out.put(("ready", -2))
    settings = load_settings(home)
    asyncio.run(_until(ended, settings))
    out.put(("sequenced", None))
