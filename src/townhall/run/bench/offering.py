"""The door of a benchmark: posts written beforehand, offered at a rate or as the backlog allows, each chunk durable."""

import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct

from townhall.database.connect import transaction
from townhall.flow.receive import receive
from townhall.intake.store import Account
from townhall.kernel.clock import SECOND, system_clock
from townhall.run.bench.traffic import Traffic
from townhall.vault import Keys

_TICK = 0.1
_BACKLOG = 30_000
"""Posts that may wait while they are offered as fast as they go."""
_LOOK_EVERY = 10
"""Chunks between two looks at how many wait."""


class Offer(Struct, frozen=True):
    """How posts are offered: so many, at ``rate`` a second (0: as fast as the pipeline goes), with ids from ``base`` on."""

    posts: int
    rate: float
    base: int


class Taken(Struct):
    """Seconds from the first offer to the last commit at the door, and the most posts that waited for the pipeline."""

    seconds: float
    most_waiting: int


class Door:
    """Takes posts of one account. ``told`` hears how many are in after each chunk."""

    def __init__(self, home: Path, line: psycopg.Connection[Any], keys: Keys, account: Account) -> None:
        self._home, self.line, self._keys, self._account = home, line, keys, account

    def prepare(self, offer: Offer) -> "Prepared":
        """The lines of an offer, in a file."""
        return Prepared(self._home, offer)

    def take(self, lines: "Prepared", offer: Offer, told: Callable[[int], None]) -> Taken:
        """Offers all of it, paced by the rate or by the backlog."""
        chunk = max(1, round(offer.rate * _TICK)) if offer.rate else 1000
        began, done, most, stream = time.perf_counter(), 0, 0, lines.stream()
        for number, start in enumerate(range(0, offer.posts, chunk)):
            items = list(islice(stream, min(chunk, offer.posts - start)))
            if offer.rate:
                time.sleep(max(0.0, began + done / offer.rate - time.perf_counter()))
            if number % _LOOK_EVERY == 0:
                most = max(most, self._waiting(0 if offer.rate else _BACKLOG))
            with transaction(self.line):
                receive(self.line, self._keys, self._account, "activitystreams", items, system_clock())
            done += len(items)
            told(done)
        return Taken(time.perf_counter() - began, max(most, waiting(self.line)))

    def _waiting(self, most: int) -> int:
        """How many wait; where ``most`` is given, not before they are at most so many."""
        found = first = waiting(self.line)
        while most and found > most:
            time.sleep(0.02)
            found = waiting(self.line)
        return first


class Prepared:
    """Lines written beforehand, so that making them up is not measured."""

    def __init__(self, home: Path, offer: Offer) -> None:
        self._path = home / f"bench-{os.getpid()}.ndjson"
        rate = offer.rate or 50_000
        start = system_clock() - int(offer.posts / rate * SECOND)
        with self._path.open("wb") as out:
            for line in Traffic(offer.base, offer.base).lines(offer.posts, start, rate):
                out.write(line + b"\n")

    def stream(self) -> Iterator[bytes]:
        """The lines in order."""
        with self._path.open("rb") as lines:
            for line in lines:
                yield line[:-1]

    def remove(self) -> None:
        """Takes the file away."""
        self._path.unlink(missing_ok=True)


def waiting(line: psycopg.Connection[Any]) -> int:
    """Posts that wait for the pipeline."""
    return _one(line, "SELECT coalesce(sum(items), 0) FROM delivery_pending")


def behind(line: psycopg.Connection[Any]) -> int:
    """What follows the pipeline and waits: runs for the index, blocks for their number."""
    return _one(line, "SELECT (SELECT count(*) FROM search_pending) + (SELECT count(*) FROM fact_pending)")


def stored(line: psycopg.Connection[Any]) -> tuple[int, int]:
    """Posts that are stored, and a number for new ones beyond all that were used: the ledger's keys begin with it."""
    row = line.execute("SELECT key FROM post_ledger ORDER BY key DESC LIMIT 1").fetchone()
    largest = int.from_bytes(row[0].bytes[:8], "big") if row else 0
    return _one(line, "SELECT count(*) FROM interaction"), largest + 1000


def _one(line: psycopg.Connection[Any], query: Any) -> int:
    row = line.execute(query).fetchone()
    assert row is not None
    return int(row[0])
