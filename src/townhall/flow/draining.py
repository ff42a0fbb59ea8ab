"""Draining: what the listening front marked goes through the door, in pieces, as fast as the pipeline digests.

A piece and the cursor behind it commit together: killed at any moment, nothing is handed on twice and nothing is left
out. The spool itself is kept for a week after it was drained.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog
from msgspec import Struct
from psycopg import Connection

from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.flow.receive import make_ready, receive
from townhall.flow.rest import rest
from townhall.intake import spooled, store
from townhall.intake.spool import Frame, drop_segments, frames, is_torn
from townhall.intake.spooled import Cursor
from townhall.kernel.clock import DAY, SECOND, Clock, system_clock
from townhall.kernel.errors import Broken
from townhall.vault import Keys, open_keys

PIECE = 2_000
"""Posts handed on in one transaction."""
ENOUGH = 20_000
"""While so many posts wait for the pipeline, no more are handed on."""
KEPT = 7 * DAY
EVERY_S = 0.5
_SPACE, _NUMBER = 0x73706F6C, 1
_log = structlog.get_logger()


class Lag(Struct, frozen=True):
    """How far draining is behind: posts that matter and wait in the spool, posts spooled behind the cursor, and how
    long the oldest of them has waited, in seconds."""

    account_id: int
    waiting: int
    posts: int
    oldest_seconds: float
    drained: int


def folder_of(home: Path, account_id: int) -> Path:
    """Where an account's spool lies."""
    return home / "spool" / str(account_id)


class Drain:
    """Drains every spool. ``conn`` is a worker's connection that nobody else uses."""

    def __init__(self, conn: Connection[Any], keys: Keys, home: Path, clock: Clock = system_clock) -> None:
        self._conn, self._keys, self._home, self._clock = conn, keys, home, clock

    def step(self) -> int:
        """One piece of each spool. Gives how many posts were handed on."""
        if spooled.waiting(self._conn) >= ENOUGH:
            return 0
        return sum(self._piece(cursor) for cursor in spooled.cursors(self._conn))

    def tidy(self) -> int:
        """Removes segments that were drained a week ago. Gives how many."""
        before = self._clock() - KEPT
        return sum(
            drop_segments(folder_of(self._home, cursor.account_id), cursor.place, before)
            for cursor in spooled.cursors(self._conn)
        )

    def _piece(self, cursor: Cursor) -> int:
        folder = folder_of(self._home, cursor.account_id)
        lines: list[bytes] = []
        place, hit = cursor.place, cursor.hit
        for frame in frames(folder, place):
            wanted = frame.hits[hit : hit + PIECE - len(lines)]
            lines += self._lines(folder, frame, wanted) if wanted else []
            if hit + len(wanted) < len(frame.hits):
                hit += len(wanted)
                break
            place, hit = frame.following, 0
        if (place, hit) == (cursor.place, cursor.hit):
            return 0
        with transaction(self._conn):
            account = store.account(self._conn, cursor.account_id)
            if lines:
                receive(self._conn, self._keys, account, account.channel, lines, self._clock())
            spooled.advance(self._conn, cursor.account_id, place, hit, len(lines))
        return len(lines)

    def _lines(self, folder: Path, frame: Frame, wanted: Sequence[int]) -> list[bytes]:
        try:
            every = frame.lines(self._keys.kek).split(b"\n")
        except Broken:
            if not is_torn(folder, frame, self._keys.kek):
                raise
            _log.warning("the torn end of a spool was left out", segment=frame.following.segment)
            return []
        return [every[place] for place in wanted]


def lags(conn: Connection[Any], home: Path, clock: Clock = system_clock) -> list[Lag]:
    """How far each spool's draining is behind."""
    return [_lag(cursor, folder_of(home, cursor.account_id), clock) for cursor in spooled.cursors(conn)]


def _lag(cursor: Cursor, folder: Path, clock: Clock) -> Lag:
    waiting = posts = oldest = 0
    skipped = cursor.hit
    for frame in frames(folder, cursor.place):
        waiting, posts = waiting + len(frame.hits) - skipped, posts + frame.posts
        oldest, skipped = oldest or frame.written_at, 0
    seconds = (clock() - oldest) / SECOND if oldest else 0.0
    return Lag(cursor.account_id, waiting, posts, round(seconds, 3), cursor.drained)


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """The loop of the clock role; one owner for the whole house."""
    hand = ThreadPoolExecutor(1, "draining", initializer=make_ready)
    loop = asyncio.get_running_loop()
    with connect(database.dsn("worker"), "townhall draining") as conn:
        drain, owned, tidied = Drain(conn, open_keys(settings.home), settings.home), None, 0
        while not stop.is_set():
            owned = owned or take_ownership(conn, _SPACE, _NUMBER)
            busy = await loop.run_in_executor(hand, drain.step) if owned else 0
            if owned and system_clock() - tidied > DAY:
                await loop.run_in_executor(hand, drain.tidy)
                tidied = system_clock()
            await rest(stop, 0.001 if busy else EVERY_S)
