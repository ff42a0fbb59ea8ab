"""Import a file: its lines come in through the one door, in durable chunks, and are counted where they end up.

Killed half-way and begun again it stores nothing twice: the ledger knows every post, however old.
"""

import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from msgspec import Struct
from psycopg import Connection

from townhall.channels.activitystreams.outbox import is_outbox, outbox_owner, read_outbox
from townhall.database.connect import transaction
from townhall.flow.receive import Reject, receive
from townhall.intake import runs
from townhall.intake.store import Account
from townhall.kernel.clock import Clock
from townhall.kernel.errors import Refused
from townhall.vault import Keys

CHUNK = 2000
_LONGEST_LINE = 4_000_000


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
) -> int:
    """Queues a whole file; returns the import run's id. ``told`` hears of progress, ``rejects`` of each bad line.

    Raises ``Refused`` when the file cannot be read at all.
    """
    with transaction(connection):
        run = runs.begin(connection, account, path.name)
    read = taken = rejected = 0
    for numbers, lines in _chunks(path):
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
    with _opened(path) as stream:
        first = stream.readline(_LONGEST_LINE)
        return outbox_owner(read_outbox(first + stream.read())) if is_outbox(first) else ""


def _chunks(path: Path) -> Iterator[tuple[list[int], list[bytes]]]:
    """(numbers, lines) of a file without its blank lines, a collection's items counted as lines."""
    numbers: list[int] = []
    held: list[bytes] = []
    for number, line in enumerate(_lines(path), 1):
        if line:
            numbers.append(number)
            held.append(line)
        if len(held) == CHUNK:
            yield numbers, held
            numbers, held = [], []
    if held:
        yield numbers, held


def _lines(path: Path) -> Iterator[bytes]:
    with _opened(path) as stream:
        first = stream.readline(_LONGEST_LINE)
        if is_outbox(first):
            yield from read_outbox(first + stream.read())
            return
        line = first
        while line:
            yield line.strip()
            line = stream.readline(_LONGEST_LINE)


def _opened(path: Path) -> BinaryIO:
    try:
        raw = path.open("rb")
        if path.suffix == ".gz":
            return io.BufferedReader(gzip.GzipFile(fileobj=raw))  # type: ignore[arg-type,return-value]
        if path.suffix == ".zst":
            return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw))  # type: ignore[arg-type]
        return raw
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}. Nothing was imported") from error
