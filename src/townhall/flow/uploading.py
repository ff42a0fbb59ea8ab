"""Files handed in on a page: kept sealed by the request, read in the background by the clock role, a chunk at a time.

A chunk, its counts and the line it ends at commit together: killed at any moment, nothing is taken twice and nothing
is left out. The file is removed when it was read to its end, was called off or cannot be read.
"""

import asyncio
import contextlib
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from psycopg import Connection

from townhall import journal
from townhall.channels import CHANNELS
from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.flow import handed_in
from townhall.flow.handed_in import Lines
from townhall.flow.opening import open_account
from townhall.flow.receive import make_ready, receive
from townhall.flow.rest import rest
from townhall.intake import parcels, runs, spooled, store, uploads
from townhall.intake.parcels import Parcel
from townhall.intake.store import Account
from townhall.intake.uploads import Upload
from townhall.kernel.clock import Clock, Instant, system_clock
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.brands import Brand
from townhall.people.doors import Asker, require
from townhall.vault import Keys, open_keys, open_sealed

MOST = 256 << 20
"""Bytes of a file as it is handed in."""
AT_ONCE = 5
"""Files of a brand that may wait."""
ENOUGH = 20_000
"""While so many posts wait for the pipeline, no more lines are handed on."""
MOST_REJECTS = 10_000
"""Rejected lines in the file that is fetched; all of them are kept."""
MOST_FETCHED = 32 << 20
"""Bytes of that file: a page holds it whole."""
_SPACE, _NUMBER = 0x75706C64, 1
_EVERY_S, _STRAY_S = 0.5, 86_400.0


def hand_in(
    conn: Connection[Any], asker: Asker, brand: Brand, channel: str, parcel: Parcel, name: str, now: Instant
) -> int:
    """Keeps a file that was written whole, for the account called ``channel``, as a worker; gives the upload's id.

    Raises ``Refused`` for what is no file of activities, and when too many wait.
    """
    require(asker, "manage_accounts")
    if uploads.open_count(conn, brand.id) >= AT_ONCE:
        raise Refused(f"{AT_ONCE} files are being imported already. Wait for one of them. Nothing was kept")
    account = open_account(conn, brand, *_account_name(channel))
    packing = handed_in.check_head(parcel.head, account)
    made = uploads.add(conn, brand.id, account.id, parcel.token, name, packing, parcel.size, asker.name, now)
    _tell(conn, asker, "asked", made, now, {"bytes": parcel.size, "account": account.id})
    return made


def call_off(conn: Connection[Any], asker: Asker, upload: int, now: Instant) -> None:
    """Stops one that is being read, as a worker; what was taken stays. Raises ``Conflict`` when it is read already."""
    require(asker, "manage_accounts")
    found = uploads.one(conn, asker.brand_id, upload)
    if found is None:
        raise NotFound("There is no such import.")
    held = uploads.hold(conn, upload)
    if held is None or held.state == "understanding":
        raise Conflict("This file was read to its end already.")
    uploads.put(conn, upload, "cancelled", now)
    _tell(conn, asker, "called_off", upload, now, {"line": held.line})


def rejects(conn: Connection[Any], keys: Keys, asker: Asker, upload: int) -> list[dict[str, Any]]:
    """What could not be taken of a file: each line's number, the reason and what stood there (cards and secrets out)."""
    require(asker, "manage_accounts")
    found = uploads.one(conn, asker.brand_id, upload)
    if found is None:
        raise NotFound("There is no such import.")
    kept = uploads.rejects(conn, asker.brand_id, found.run_id, MOST_REJECTS, MOST_FETCHED)
    return [
        {"line": line, "reason": reason, "item": _opened(keys, sealed)}
        for line, reason, sealed in kept
    ]  # fmt: skip


class Uploads:
    """Reads what was handed in. ``conn`` is a worker's connection that nobody else uses."""

    def __init__(self, conn: Connection[Any], keys: Keys, home: Path, clock: Clock = system_clock) -> None:
        self._conn, self._keys, self._home, self._clock = conn, keys, home, clock
        self._open: tuple[int, Account, Generator[Lines, None, None]] | None = None

    def step(self) -> bool:
        """One chunk of the oldest file that is not read to its end; whether there was something to do."""
        self._finish_understood()
        one = uploads.unread(self._conn)
        if one is None or spooled.waiting(self._conn) >= ENOUGH:
            return False
        try:
            self._further(one)
        except Refused as refusal:
            self._end(one, "failed", str(refusal))
        except BaseException:
            self._close()
            raise
        return True

    def tidy(self) -> int:
        """Removes files that nobody needs: uploads that were cut off. Gives how many."""
        found = parcels.stray(self._home, uploads.tokens(self._conn), _STRAY_S)
        for token in found:
            parcels.drop(self._home, token)
        return len(found)

    def _further(self, one: Upload) -> None:
        account, lines = self._reader(one)
        chunk = next(lines, None)
        if chunk is None:
            self._end(one, "understanding")
            return
        with transaction(self._conn):
            held = uploads.hold(self._conn, one.id)
            if held is not None:
                self._take(held, account, chunk)
        if held is None:
            self._let_go(one)

    def _take(self, one: Upload, account: Account, chunk: Lines) -> None:
        run = one.run_id or runs.begin(self._conn, account, one.name)
        result = receive(
            self._conn, self._keys, account, "activitystreams", chunk.lines, self._clock(), run, chunk.numbers
        )
        runs.add_read(self._conn, run, len(chunk.lines), len(result.rejects))
        uploads.advance(self._conn, one.id, chunk.numbers[-1], chunk.at_byte, run)

    def _reader(self, one: Upload) -> tuple[Account, Generator[Lines, None, None]]:
        """The file, open behind the last line that was handed on."""
        if self._open is None or self._open[0] != one.id:
            self._close()
            account = store.account(self._conn, one.account_id)
            whose = handed_in.owner(self._home, self._keys.kek, one)
            account = msgspec.structs.replace(account, native_id=whose) if whose else account
            self._open = (one.id, account, handed_in.read(self._home, self._keys.kek, one))
        return self._open[1], self._open[2]

    def _end(self, one: Upload, state: str, error: str = "") -> None:
        with transaction(self._conn):
            held = uploads.hold(self._conn, one.id)
            if held is not None:
                uploads.put(self._conn, one.id, state, self._clock(), error)
                if held.run_id and state == "failed":
                    runs.finish(self._conn, held.run_id)
        self._let_go(one)

    def _finish_understood(self) -> None:
        for one in uploads.understood(self._conn):
            with transaction(self._conn):
                uploads.put(self._conn, one.id, "done", self._clock())
                if one.run_id:
                    runs.finish(self._conn, one.run_id)

    def _let_go(self, one: Upload) -> None:
        self._close()
        parcels.drop(self._home, one.token)

    def _close(self) -> None:
        if self._open is not None:
            self._open[2].close()
        self._open = None


def _account_name(channel: str) -> tuple[str, str]:
    """As the command has it: a network's name is its account for imports, any other is a file's account of that name."""
    return (channel, "import") if channel in CHANNELS else ("activitystreams", channel or "import")


def _opened(keys: Keys, sealed: Any) -> str:
    return open_sealed(keys.kek, sealed, store.LABEL).decode(errors="replace")


def _tell(
    conn: Connection[Any], asker: Asker, what: str, upload: int, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.import.{what}", subject=f"upload/{upload}", time=now, brand=asker.brand_id, actor=asker.actor,
        data=data,
    )  # fmt: skip
    journal.append(conn, [fact])


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """The loop of the clock role; one owner for the whole house."""
    hand = ThreadPoolExecutor(1, "uploads", initializer=make_ready)
    loop = asyncio.get_running_loop()
    with contextlib.closing(connect(database.dsn("worker"), "townhall uploads")) as conn:
        work, owned, tidied = Uploads(conn, open_keys(settings.home), settings.home), None, 0.0
        while not stop.is_set():
            owned = owned or take_ownership(conn, _SPACE, _NUMBER)
            began = time.monotonic()
            busy = await loop.run_in_executor(hand, work.step) if owned else False
            if owned and began - tidied > _STRAY_S / 24:
                await loop.run_in_executor(hand, work.tidy)
                tidied = began
            await rest(stop, time.monotonic() - began if busy else _EVERY_S)
