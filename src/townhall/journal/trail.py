"""The trail of checkpoints: those in the database and those in the files, side by side, in order of size."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.journal import publish
from townhall.journal.logic.note import Checkpoint, checked, size_in
from townhall.journal.logic.tree import Damaged
from townhall.journal.store import order, stored
from townhall.journal.store.stored import StoredCheckpoint
from townhall.kernel.clock import SECOND, Instant

_STILL_TO_PUBLISH: Instant = 10 * SECOND
"""Checkpoints this close to the last may be missing from the files: a crash came before they were written."""


class Step(Struct, frozen=True):
    """A checkpoint that is in order, or what is wrong with it. ``size`` says up to where it speaks."""

    size: int
    stated: Checkpoint | None
    what: str = ""


class _Filed(Struct, frozen=True):
    size: int
    note: str
    file: str


def steps(connection: Connection[Any], public: bytes, files: Sequence[tuple[Path, int]]) -> Iterator[Step]:
    """Every checkpoint by rising size; ends at the first file entry that cannot be read."""
    latest = order.last_checkpoint(connection)[1]
    kept, filed = _in_database(connection), _in_files(files)
    row, entry = next(kept, None), next(filed, None)
    while row or entry:
        if isinstance(entry, Step):
            yield entry
            return
        if entry and (not row or entry.size < row.size):
            yield _only_filed(entry, public)
            entry = next(filed, None)
        elif row and (not entry or row.size < entry.size):
            yield _only_kept(
                row, public, is_due=entry is not None or row.signed_at < latest - _STILL_TO_PUBLISH
            )
            row = next(kept, None)
        elif row and entry:
            yield _both(row, entry, public)
            row, entry = next(kept, None), next(filed, None)


def _only_filed(entry: _Filed, public: bytes) -> Step:
    try:
        stated = checked(entry.note, public)
    except Damaged as damage:
        return Step(entry.size, None, f"the checkpoint of {entry.size} blocks in {entry.file}: {damage}")
    what = f"the checkpoint of {entry.size} blocks is in {entry.file}, but not in the database"
    return Step(entry.size, stated, what)


def _only_kept(row: StoredCheckpoint, public: bytes, is_due: bool) -> Step:
    step = _of_row(row, public)
    if step.what or not is_due:
        return step
    return Step(row.size, step.stated, f"the checkpoint of {row.size} blocks is not in the checkpoint files")


def _both(row: StoredCheckpoint, entry: _Filed, public: bytes) -> Step:
    step = _of_row(row, public)
    if step.what or entry.note == row.note:
        return step
    try:
        checked(entry.note, public)
    except Damaged as damage:
        return Step(row.size, None, f"the checkpoint of {row.size} blocks in {entry.file}: {damage}")
    return Step(row.size, None, f"two different checkpoints of {row.size} blocks were signed")


def _of_row(row: StoredCheckpoint, public: bytes) -> Step:
    try:
        stated = checked(row.note, public)
    except Damaged as damage:
        return Step(row.size, None, f"the checkpoint of {row.size} blocks in the database: {damage}")
    if (stated.size, stated.facts, stated.time) != (row.size, row.facts, row.signed_at):
        return Step(
            row.size, None, f"the checkpoint of {row.size} blocks does not fit its row in the database"
        )
    return Step(row.size, stated)


def _in_database(connection: Connection[Any]) -> Iterator[StoredCheckpoint]:
    size = -1
    while rows := stored.checkpoints_after(connection, size, 1000):
        yield from rows
        size = rows[-1].size


def _in_files(files: Sequence[tuple[Path, int]]) -> Iterator[_Filed | Step]:
    last = 0
    for file, note in publish.read_notes(files):
        try:
            size = size_in(note)
        except Damaged as damage:
            yield Step(last, None, f"what follows the checkpoint of {last} blocks in {file}: {damage}")
            return
        if size <= last:
            yield Step(last, None, f"after the checkpoint of {last} blocks, {file} holds one of {size}")
            return
        last = size
        yield _Filed(size, note, file)
