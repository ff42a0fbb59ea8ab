"""The role ``clock``: the loops that run once for the whole house, each the owner of what it does by a lock.

A loop is ``async def run(settings, database, stop)``; it returns soon after ``stop`` is set. One that falls is
started again after a pause, and the others go on.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import structlog

from townhall.database import Database
from townhall.flow.rest import rest
from townhall.run.migrate import opened
from townhall.run.settings import Settings
from townhall.run.supervisor import pause_before

LOOPS = (
    "townhall.flow.sequencer",
    "townhall.flow.reading",
    "townhall.flow.second_look",
    "townhall.flow.draining",
    "townhall.flow.uploading",
    "townhall.flow.stating",
    "townhall.flow.delivery",
    "townhall.flow.photos",
    "townhall.flow.watch",
    "townhall.flow.leaving",
    "townhall.flow.search_follower",
    "townhall.flow.backtesting",
    "townhall.flow.nightly",
    "townhall.flow.asking",
    "townhall.flow.lessons",
)
"""Modules of the loops, in the order they are started."""

Loop = Callable[[Settings, Database, asyncio.Event], Awaitable[None]]
_log = structlog.get_logger()


def main(settings: Settings) -> None:
    """Runs every loop until SIGTERM."""
    with opened(settings) as database:
        asyncio.run(keep_all([load(name) for name in LOOPS], settings, database))


def load(name: str) -> Loop:
    """The loop of a module."""
    found: Any = import_module(name).run
    return found  # type: ignore[no-any-return]


async def keep_all(loops: list[Loop], settings: Settings, database: Database) -> None:
    """All loops side by side, until a signal asks to stop and each has returned."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.gather(*(keep(loop, settings, database, stop) for loop in loops))


async def keep(loop: Loop, settings: Settings, database: Database, stop: asyncio.Event) -> None:
    """One loop, again and again until ``stop``; what it raises is logged, never passed to its neighbours."""
    falls = 0
    while not stop.is_set():
        try:
            await loop(settings, database, stop)
        except Exception:
            falls += 1
            _log.exception(
                "loop fell", loop=getattr(loop, "__module__", ""), restart_in_s=pause_before(falls)
            )
            await rest(stop, pause_before(falls))
