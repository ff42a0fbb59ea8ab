"""Import a file: its lines come in through the one door, in durable chunks, and are counted where they end up.

Killed half-way and begun again it stores nothing twice: the ledger knows every post, however old.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.channels.activitystreams.outbox import is_outbox, outbox_owner, read_outbox
from townhall.channels.activitystreams.parse import parse
from townhall.channels.port import AccountRef
from townhall.database.connect import transaction
from townhall.flow import packed_files
from townhall.flow.receive import Reject, make_ready, receive
from townhall.intake import runs
from townhall.intake.store import Account
from townhall.kernel.clock import SECOND, Clock, Instant
from townhall.kernel.errors import Refused
from townhall.vault import Keys

CHUNK = 2000
LONGEST_LINE = 4_000_000
"""Bytes of a line; what is longer is cut there."""


class Progress(Struct, frozen=True):
    """How far an import is: lines read, queued, refused."""

    read: int
    taken: int
    rejected: int


def import_file(
    connection: Connection[Any],
    keys: Keys,
    account: Account,
    path: Path,
    clock: Clock,
    told: Callable[[Progress], None],
    rejects: Callable[[int, str, bytes], None],
    speed: float = 0,
) -> int:
    """Queues a whole file; returns the import run's id. ``told`` hears of progress, ``rejects`` of each bad line.
    ``speed`` replays the posts' own times that many times as fast (0: all at once).

    Raises ``Refused`` when the file cannot be read at all.
    """
    make_ready()
    with transaction(connection):
        run = runs.begin(connection, account, path.name)
    read = taken = rejected = 0
    for numbers, lines in _paced(_chunks(path), account, speed) if speed else _chunks(path):
        with transaction(connection):
            result = receive(connection, keys, account, "activitystreams", lines, clock(), run, numbers)
            runs.add_read(connection, run, len(lines), len(result.rejects))
        read, taken, rejected = read + len(lines), taken + result.taken, rejected + len(result.rejects)
        _report(result.rejects, numbers, lines, rejects)
        told(Progress(read, taken, rejected))
    return run


def _report(
    bad: tuple[Reject, ...],
    numbers: list[int],
    lines: list[bytes],
    rejects: Callable[[int, str, bytes], None],
) -> None:
    for reject in bad:
        rejects(numbers[reject.place], reject.reason, lines[reject.place])


def owner_of(path: Path) -> str:
    """The actor whose outbox a file is ("" when it is not an outbox): the account's ``native_id``."""
    found = packed_files.lines(path, LONGEST_LINE)
    first = next(found, b"")
    return outbox_owner(read_outbox(b"".join([first, *found]))) if is_outbox(first) else ""


def _chunks(path: Path) -> Iterator[tuple[list[int], list[bytes]]]:
    return chunks(_lines(path))


def chunks(found: Iterator[bytes]) -> Iterator[tuple[list[int], list[bytes]]]:
    """(numbers, lines) of a file without its blank lines, a collection's items counted as lines."""
    numbers: list[int] = []
    held: list[bytes] = []
    for number, line in enumerate(found, 1):
        if line:
            numbers.append(number)
            held.append(line)
        if len(held) == CHUNK:
            yield numbers, held
            numbers, held = [], []
    if held:
        yield numbers, held


def _paced(
    chunks: Iterator[tuple[list[int], list[bytes]]], account: Account, speed: float
) -> Iterator[tuple[list[int], list[bytes]]]:
    """The same lines when their time has come, in chunks of at most a second."""
    ref = AccountRef(account.id, account.handle, account.native_id, account.channel)
    first, began = 0, time.monotonic()
    numbers: list[int] = []
    lines: list[bytes] = []
    for chunk_numbers, chunk in chunks:
        for number, line in zip(chunk_numbers, chunk, strict=True):
            at = _published(line, ref)
            first = first or at
            wait = (at - first) / SECOND / speed - (time.monotonic() - began) if at else 0
            if wait > 0.05 and lines:
                yield numbers, lines
                numbers, lines = [], []
            time.sleep(max(0.0, wait))
            numbers.append(number)
            lines.append(line)
    if lines:
        yield numbers, lines


def _published(line: bytes, ref: AccountRef) -> Instant:
    try:
        return max((act.happened or act.published for act in parse(line, ref)), default=0)
    except Refused:
        return 0


def _lines(path: Path) -> Iterator[bytes]:
    found = packed_files.lines(path, LONGEST_LINE)
    first = next(found, b"")
    if is_outbox(first):
        yield from read_outbox(b"".join([first, *found]))
        return
    if first:
        yield first.strip()
    for line in found:
        yield line.strip()
