"""An import from beginning to end: lines in, pipeline on, record sealed. Works beside running workers or alone."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import msgspec
from psycopg import Connection
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from townhall import enrich
from townhall.channels import CHANNELS
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import importing, search_follower, sequencer
from townhall.flow.house import House
from townhall.flow.opening import open_account, open_brand
from townhall.flow.pipeline import Worker
from townhall.intake import runs
from townhall.intake.logic import SHARDS
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import Refused
from townhall.run.settings import Settings
from townhall.vault import open_keys

NUMBER = 200
"""The worker number of an import: beyond those of the workers that run."""
_LOOK_S = 0.1


class Importer:
    """Takes files for one account and counts what became of their lines."""

    def __init__(
        self, settings: Settings, database: Database, brand: str, channel: str, *, quiet: bool
    ) -> None:
        self._settings, self._database = settings, database
        self._brand, self._channel = brand, channel
        self._keys = open_keys(settings.home)
        self._stack = contextlib.ExitStack()
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"), TimeElapsedColumn(),
            disable=quiet, transient=True,
        )  # fmt: skip
        self._runs: list[int] = []
        self._rejects: TextIO | None = None
        self._rejects_path = settings.home / "rejects" / f"import-{time.time_ns()}.ndjson"

    def __enter__(self) -> "Importer":
        self._door: Connection[Any] = self._stack.enter_context(
            contextlib.closing(connect(self._database.dsn("worker"), "townhall import"))
        )
        self._stack.enter_context(self._bar)
        # signed as it comes in, also where no clock runs
        self._stack.enter_context(sequencer.beside(self._settings, self._database))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rejects is not None:
            self._rejects.close()
        self._stack.close()

    def take(self, path: Path, speed: float) -> None:
        """Queues one file. Raises ``Refused`` when it cannot be read."""
        if not path.is_file():
            raise Refused(f"there is no file {path}. Nothing was imported")
        task = self._bar.add_task(f"Reading {path.name}", total=None, words="")
        with transaction(self._door):
            brand = open_brand(self._door, self._brand, system_clock()).brand
            account = open_account(self._door, brand, *self._account_name())
        owner = importing.owner_of(path)
        if owner and owner != account.native_id:
            account = msgspec.structs.replace(account, native_id=owner)
        run = importing.import_file(
            self._door, self._keys, account, path, system_clock,
            lambda seen: self._bar.update(task, words=f"{seen.read:,} lines"), self._reject, speed,
        )  # fmt: skip
        self._runs.append(run)
        self._bar.update(task, total=1, completed=1)

    def _account_name(self) -> tuple[str, str]:
        known = self._channel in CHANNELS
        return (self._channel, "import") if known else ("activitystreams", self._channel)

    async def settle(self) -> None:
        """Works on what waits (or waits for those who do) until all is stored, found and sealed."""
        total = sum(runs.look(self._door, run).pending for run in self._runs)
        task = self._bar.add_task("Understanding", total=max(total, 1), words="")
        async with self._at_work() as work:
            while waiting := sum(runs.look(self._door, run).pending for run in self._runs):
                self._bar.update(task, completed=total - waiting, words=f"{waiting:,} to go")
                if work.done():
                    work.result()  # what it fell by
                await asyncio.sleep(_LOOK_S)
        for run in self._runs:
            runs.finish(self._door, run)
        await asyncio.to_thread(search_follower.settle, self._door)
        await sequencer.settle(self._settings, self._database)

    @contextlib.asynccontextmanager
    async def _at_work(self) -> AsyncIterator[asyncio.Task[None]]:
        """A worker for all shards that nobody owns, in a thread; it finishes its batch in hand at the end."""
        stop = threading.Event()
        worker = Worker(self._database, House(self._keys), NUMBER, list(range(SHARDS)))
        work = asyncio.create_task(asyncio.to_thread(worker.run, stop))
        try:
            yield work
        finally:
            stop.set()
            await work

    def outcome(self) -> dict[str, Any]:
        """What became of the lines: each is accepted, a duplicate, or rejected."""
        found = [runs.look(self._door, run) for run in self._runs]
        return {
            "read": sum(run.read for run in found),
            "accepted": sum(run.accepted + run.folded for run in found),
            "duplicates": sum(run.duplicates for run in found),
            "rejected": sum(run.rejected for run in found),
            "rejects_file": str(self._rejects_path) if self._rejects else "",
        }

    def _reject(self, line: int, reason: str, item: bytes) -> None:
        if self._rejects is None:
            self._rejects_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._rejects = self._rejects_path.open("w")
        text = enrich.redact(item.decode(errors="replace"))[0]
        self._rejects.write(
            msgspec.json.encode({"line": line, "reason": reason, "item": text}).decode() + "\n"
        )
