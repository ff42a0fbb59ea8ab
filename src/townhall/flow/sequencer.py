"""The sequencer: one loop of the clock role that numbers the record and signs it.

Ticks five times a second, at once when asked. It owns the journal by a lock on the very connection it writes with,
so whoever loses the lock loses the transaction too; what leaves the database, the checkpoint files, is fenced by
size. A second sequencer waits until the first is gone.
"""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from msgspec import Struct
from psycopg import Connection

from townhall import vault
from townhall.database import Database
from townhall.database.connect import Ownership, connect, give_back, take_ownership, transaction
from townhall.flow.rest import rest
from townhall.journal import publish, sequence, trail
from townhall.journal.store import epochs, order
from townhall.kernel.clock import SECOND, Clock, Instant, system_clock
from townhall.kernel.errors import Broken, Conflict, DatabaseUnavailable
from townhall.vault import Keys

TICK_S = 0.2
SIGN_EVERY: Instant = 4 * SECOND // 5
"""Shorter than a second by a tick, so that traffic is under a checkpoint within one."""
LIMIT = 4000
LOCK = (0x6A6F7572, 1)
"""The advisory lock of whoever numbers and signs the record."""
_log = logging.getLogger(__name__)


class HasHome(Protocol):
    """Settings as far as the sequencer needs them."""

    @property
    def home(self) -> Path: ...
    @property
    def database_name(self) -> str: ...


def checkpoint_folder(settings: HasHome) -> Path:
    """Where checkpoints are published: a folder for each database, since one home may see several in its life."""
    return settings.home / "checkpoints" / settings.database_name


class Pass(Struct, frozen=True):
    """What one tick did: blocks and facts numbered, the size signed (0 when none), and whether more may wait."""

    blocks: int
    facts: int
    signed_size: int
    is_full: bool


class Sequencer:
    """The owner of the journal on one connection (as worker, in autocommit), publishing into ``folder``."""

    def __init__(self, connection: Connection[Any], keys: Keys, folder: Path, limit: int = LIMIT) -> None:
        self._connection = connection
        self._keys = keys
        self._all_epochs = self._folder = folder
        self._limit = limit
        self._epoch, self._kept = 1, 0
        self._head = sequence.NOTHING
        self._signed: tuple[int, Instant] = (0, 0)
        self._owned: Ownership | None = None

    def own(self) -> bool:
        """Takes the journal, False when another owns it. Publishes what an earlier owner signed but could not.

        Raises ``Broken`` when the database is behind the published checkpoints or says otherwise than they do.
        """
        self._owned = take_ownership(self._connection, *LOCK)
        if self._owned is None:
            return False
        self._head = sequence.read_head(self._connection)
        self._signed = order.last_checkpoint(self._connection)
        opened = [*epochs.openings(self._connection).values()]
        self._epoch, self._kept = (opened[-1].epoch, opened[-1].kept) if opened else (1, 0)
        self._folder = publish.epoch_folder(self._all_epochs, self._epoch)
        self._agree()
        self._publish()
        return True

    def let_go(self) -> None:
        """Lets another own the journal at once; closing the connection does so a moment later."""
        if self._owned is not None:
            give_back(self._connection, self._owned)
            self._owned = None

    def tick(self, now: Instant, sign_now: bool = False) -> Pass:
        """Numbers what is committed, signs if it is time (or ``sign_now``), publishes after the commit."""
        before, note = self._head, ""
        with transaction(self._connection):
            head = sequence.number(self._connection, before, self._limit)
            is_due = sign_now or now - self._signed[1] >= SIGN_EVERY or now < self._signed[1]
            if head.size > self._signed[0] and is_due:
                note = sequence.sign(self._connection, head, self._keys, now, self._epoch)
        self._head = head
        if note:
            self._signed = (head.size, now)
            self._publish()
        blocks = head.size - before.size
        return Pass(blocks, head.facts - before.facts, head.size if note else 0, blocks == self._limit)

    def _publish(self) -> None:
        """Everything in the database beyond the last published size, so that a failed write is made good later."""
        last = max(publish.last_published(self._folder), self._kept)
        while notes := order.notes_after(self._connection, last, 1000):
            last = publish.publish(self._folder, [note for _, note in notes])

    def _agree(self) -> None:
        behind = trail.behind(self._connection, self._all_epochs, self._epoch)
        if behind:
            raise Broken(
                f"{behind}: it was restored or changed. Facts are kept but not numbered, and nothing goes out. If it was"
                " restored, run townhall restored; if not, townhall journal verify"
            )


async def run(
    settings: HasHome, database: Database, stop: asyncio.Event, clock: Clock = system_clock
) -> None:
    """The loop of the clock role: until ``stop``, waits for ownership, ticks, and starts over after an error.

    What was written before ``stop`` is under a checkpoint when it ends, also when ``stop`` came before its first tick.
    """
    keys = vault.open_keys(settings.home)
    while True:
        try:
            with connect(database.dsn("worker"), "townhall sequencer") as connection:
                await _work(Sequencer(connection, keys, checkpoint_folder(settings)), stop, clock)
        except (Broken, Conflict) as problem:
            _log.error("the journal is not numbered: %s", problem)
            await rest(stop, 5)
        except (psycopg.Error, DatabaseUnavailable, OSError) as problem:
            _log.warning("the journal is not numbered for a moment: %s", problem)
            await rest(stop, 1)
        if stop.is_set():
            return


async def _work(sequencer: Sequencer, stop: asyncio.Event, clock: Clock) -> None:
    while not await asyncio.to_thread(sequencer.own):
        if stop.is_set():
            return  # another owns the journal, and signs it
        await rest(stop, 1)
    while not stop.is_set():
        done = await asyncio.to_thread(sequencer.tick, clock())
        if not done.is_full:
            await rest(stop, TICK_S)
    await asyncio.to_thread(sequencer.tick, clock(), True)


@contextmanager
def beside(settings: HasHome, database: Database, clock: Clock = system_clock) -> Iterator[None]:
    """The loop in a thread of its own, for long work that may run without the clock role; waits if that owns it."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(run(settings, database, stop, clock)),
        name="sequencer",
        daemon=True,
    )
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def settle(
    settings: HasHome, database: Database, clock: Clock = system_clock, patience_s: float = 60
) -> int:
    """Returns when every fact committed before the call is under a checkpoint; numbers them itself if nobody does.

    Gives the size of that checkpoint. Raises ``DatabaseUnavailable`` after ``patience_s`` seconds without an end.
    """
    keys = vault.open_keys(settings.home)
    with connect(database.dsn("worker"), "townhall settling") as connection:
        sequencer = Sequencer(connection, keys, checkpoint_folder(settings))
        goal = _Goal(connection)
        owned = False
        for _ in range(int(patience_s / TICK_S)):
            owned = owned or await asyncio.to_thread(sequencer.own)
            if owned:
                await asyncio.to_thread(sequencer.tick, clock(), True)
            if (size := goal.reached()) is not None:
                await asyncio.to_thread(sequencer.let_go)
                return size
            await asyncio.sleep(0 if owned else TICK_S)
    raise DatabaseUnavailable("the journal was not numbered in time; is another sequencer stuck?")


class _Goal:
    """Blocks that must be numbered, then the size that must be signed."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._waiting = order.waiting_ids(connection)
        self._size = -1

    def reached(self) -> int | None:
        """The signed size once it covers all of it."""
        if self._waiting:
            if order.count_waiting(self._connection, self._waiting):
                return None
            self._waiting = []
        if self._size < 0:
            self._size = order.head(self._connection)[0]
        signed = order.last_checkpoint(self._connection)[0]
        return signed if signed >= self._size else None
