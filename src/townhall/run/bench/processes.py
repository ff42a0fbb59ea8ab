"""The processes of a benchmark: real workers, a real sequencer, a feeder at the door and a reader of pages."""

import asyncio
import contextlib
import os
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
from townhall.run.logs import start_logging
from townhall.run.roles.worker import BEHIND
from townhall.run.settings import Settings, load_settings
from townhall.vault import open_keys

_STEP = 100
_ASK_EVERY = 0.4
"""Seconds between two looks of somebody at the inbox and the live page."""


def work(home: Path, number: int, workers: int, batch: int, stop: Event, out: "Queue[Any]") -> None:
    """A pipeline worker; hands its outcomes over at the end."""
    os.nice(BEHIND)
    settings = _begin(home, f"worker {number}")
    worker = Measured(
        Database(settings), House(open_keys(home)), number, shards_of_worker(number, workers), batch=batch
    )
    ended = threading.Event()
    threading.Thread(target=_pass_on, args=(stop, ended.set), daemon=True).start()
    out.put(("ready", number))
    worker.run(ended)
    out.put(("done", (worker.stages, list(worker.waits.items()), worker.posts, time.process_time())))


class Measured(Worker):
    """A worker that remembers what its batches cost and how long each block waited until its commit."""

    stages: dict[str, float]
    waits: dict[int, int]
    """Microseconds waited, by tenths of a millisecond → posts: a list of blocks would grow with the run."""
    posts: int = 0

    def step(self, connection: Any) -> Outcome | None:
        """One batch, measured after its commit."""
        outcome = super().step(connection)
        if outcome is not None:
            committed = self._clock()
            if not hasattr(self, "stages"):
                self.stages, self.waits = {}, {}
            for stage, seconds in outcome.stages.items():
                self.stages[stage] = self.stages.get(stage, 0.0) + seconds
            for received, items in outcome.received:
                waited = (committed - received) // _STEP * _STEP
                self.waits[waited] = self.waits.get(waited, 0) + items
            self.posts += outcome.items
        return outcome


def read_pages(home: Path, brand: int, stop: Event, out: "Queue[Any]") -> None:
    """Asks for the inbox and the live page, as the pages do, again and again; hands over milliseconds."""
    from townhall.desk import inbox, live
    from townhall.desk.views.inbox import InboxFilter

    settings = _begin(home, "pages")
    asked: dict[str, Callable[[Any, int], object]] = {
        "inbox": lambda connection, now: inbox.page(connection, brand, InboxFilter(), "", now),
        "live": lambda connection, now: live.live(connection, brand, now),
    }
    taken: dict[str, list[float]] = {"inbox": [], "live": []}
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


def _begin(home: Path, role: str) -> Settings:
    """Settings of a process that was started anew; its log goes to standard error, and the first Ctrl+C is its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = load_settings(home)
    start_logging("warning", role)
    return settings


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
    settings = _begin(home, "sequencer")
    ended = threading.Event()
    threading.Thread(target=_pass_on, args=(stop, ended.set), daemon=True).start()
    out.put(("ready", -2))
    asyncio.run(_until(ended, settings))
    out.put(("sequenced", None))
