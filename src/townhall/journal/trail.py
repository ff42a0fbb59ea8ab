"""The trail of checkpoints: those in the database and those in the files, side by side, in order of size."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.journal import publish
from townhall.journal.logic.epoch import Opening, ended_by, epoch_at, note_digest
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


class Era(Struct, frozen=True):
    """The checkpoint files of one epoch, and the opening that ended it."""

    epoch: int
    files: list[tuple[Path, int]]
    end: Opening | None = None


class _Filed(Struct, frozen=True):
    epoch: int
    size: int
    note: str
    file: str


def eras(folder: Path) -> list[Era]:
    """The epochs that have files in this folder, as long as they are now."""
    found = publish.epochs_in(folder)
    return [Era(epoch, publish.lengths(publish.epoch_folder(folder, epoch))) for epoch in found]


def behind(connection: Connection[Any], folder: Path, epoch: int) -> str:
    """In words, what was published that the database, which stands in ``epoch``, does not hold; "" when it holds all."""
    newest = max([epoch, *publish.epochs_in(folder)])
    if newest > epoch:
        return f"the database knows of no epoch {newest} of its log, whose checkpoints were published"
    files = publish.epoch_folder(folder, epoch)
    note, size = publish.last_note(files), publish.last_published(files)
    if not note or order.note_at(connection, size) == note:
        return ""
    return f"the database does not hold the checkpoint of {size} blocks that was published"


def steps(
    connection: Connection[Any], public: bytes, filed_eras: Sequence[Era], openings: Sequence[Opening]
) -> Iterator[Step]:
    """Every checkpoint by rising size; ends at the first file entry that cannot be read."""
    latest = order.last_checkpoint(connection)[1]
    kept, filed = _in_database(connection), _in_files(_ended(filed_eras, openings), public)
    row, entry = next(kept, None), next(filed, None)
    while row or entry:
        if isinstance(entry, Step):
            yield entry
            return
        if entry and (not row or entry.size < row.size):
            yield _only_filed(entry, public)
            entry = next(filed, None)
        elif row and (not entry or row.size < entry.size):
            epoch, is_due = (
                epoch_at(row.size, openings),
                entry is not None or row.signed_at < latest - _STILL_TO_PUBLISH,
            )
            yield _only_kept(row, public, epoch, is_due=is_due)
            row = next(kept, None)
        elif row and entry:
            yield _both(row, entry, public)
            row, entry = next(kept, None), next(filed, None)


def _ended(filed_eras: Sequence[Era], openings: Sequence[Opening]) -> list[Era]:
    """Each era with its end; one that an opening names and that has no files any more is among them, empty."""
    files = {lost.epoch: list[tuple[Path, int]]() for one in openings for lost in one.lost}
    files |= {era.epoch: era.files for era in filed_eras}
    return [Era(epoch, files[epoch], ended_by(epoch, openings)) for epoch in sorted(files)]


def _only_filed(entry: _Filed, public: bytes) -> Step:
    try:
        stated = checked(entry.note, public, entry.epoch)
    except Damaged as damage:
        return Step(entry.size, None, f"the checkpoint of {entry.size} blocks in {entry.file}: {damage}")
    what = f"the checkpoint of {entry.size} blocks is in {entry.file}, but not in the database"
    return Step(entry.size, stated, what)


def _only_kept(row: StoredCheckpoint, public: bytes, epoch: int, is_due: bool) -> Step:
    step = _of_row(row, public, epoch)
    if step.what or not is_due:
        return step
    return Step(row.size, step.stated, f"the checkpoint of {row.size} blocks is not in the checkpoint files")


def _both(row: StoredCheckpoint, entry: _Filed, public: bytes) -> Step:
    step = _of_row(row, public, entry.epoch)
    if step.what or entry.note == row.note:
        return step
    try:
        checked(entry.note, public, entry.epoch)
    except Damaged as damage:
        return Step(row.size, None, f"the checkpoint of {row.size} blocks in {entry.file}: {damage}")
    return Step(row.size, None, f"two different checkpoints of {row.size} blocks were signed")


def _of_row(row: StoredCheckpoint, public: bytes, epoch: int) -> Step:
    try:
        stated = checked(row.note, public, epoch)
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


def _in_files(ended: Sequence[Era], public: bytes) -> Iterator[_Filed | Step]:
    """Entries by rising size; what an epoch published beyond the copy is held against the opening that ended it."""
    last = 0
    for era in ended:
        newest, beyond = 0, ""
        for file, note in publish.read_notes(era.files):
            size, what = _read(note, file, max(newest, 0 if beyond else last))
            if what:
                yield Step(last, None, what)
                return
            newest = size
            if era.end and size > era.end.kept:
                beyond = note
                if what := _unsigned(note, file, public, era.epoch):
                    yield Step(last, None, what)
                    return
                continue
            last = size
            yield _Filed(era.epoch, size, note, file)
        if what := _undeclared(era, beyond):
            yield Step(last, None, what)
            return


def _read(note: str, file: str, last: int) -> tuple[int, str]:
    """The size of the next entry, or in words why it cannot be the next after ``last``."""
    try:
        size = size_in(note)
    except Damaged as damage:
        return 0, f"what follows the checkpoint of {last} blocks in {file}: {damage}"
    return size, "" if size > last else f"after the checkpoint of {last} blocks, {file} holds one of {size}"


def _unsigned(note: str, file: str, public: bytes, epoch: int) -> str:
    try:
        checked(note, public, epoch)
    except Damaged as damage:
        return f"the checkpoint of {size_in(note)} blocks in {file}: {damage}"
    return ""


def _undeclared(era: Era, beyond: str) -> str:
    """In words, how the last note of an ended epoch differs from what the opening of the next one stated."""
    if era.end is None:
        return ""
    stated = next((lost for lost in era.end.lost if lost.epoch == era.epoch), None)
    if beyond and stated is None:
        return f"the files of epoch {era.epoch} go on, though the opening of epoch {era.end.epoch} names nothing lost"
    if stated and stated.digest != (note_digest(beyond) if beyond else ""):
        return (
            f"the files of epoch {era.epoch} do not end with the checkpoint of {stated.size} blocks that the opening of"
            f" epoch {era.end.epoch} names"
        )
    return ""
