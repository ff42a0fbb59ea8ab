"""Checkpoints on another medium: files under ``home/checkpoints``, appended and synced, never rewritten.

One file a day (UTC), ``2026-03-01.txt``; notes one behind the other with an empty line between. A note is written
only if its size is beyond the last one there, under a lock of the folder: an owner that lost its database lock and
does not know yet can therefore not write an old size behind a new one.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from townhall.journal.logic.note import size_in
from townhall.journal.logic.tree import Damaged
from townhall.kernel.errors import Broken

_TAIL = 4096
_BETWEEN = b"\n\n"


def publish(folder: Path, notes: Sequence[str]) -> int:
    """Appends the notes that are beyond the last published size. Returns that size afterwards. Synced to disk."""
    with _locked(folder):
        newest = _newest(folder)
        if newest:
            _drop_torn_end(newest)
        last = last_published(folder)
        for note in notes:
            if size_in(note) > last:
                newest = _file_for(folder, note, newest)
                _append(newest, note.encode() + b"\n")
                last = size_in(note)
        return last


def last_note(folder: Path) -> str:
    """The last whole note in the files, "" when there is none. Raises ``Broken`` when it cannot be read."""
    for path in sorted(folder.glob("*.txt"), reverse=True):
        pieces = _even(_whole_pieces(_tail(path)))
        if pieces:
            return f"{pieces[-2]}\n\n{pieces[-1]}\n"
    return ""


def last_published(folder: Path) -> int:
    """The size in the last whole note; 0 when there is none. Raises ``Broken`` when it cannot be read."""
    note = last_note(folder)
    try:
        return size_in(note) if note else 0
    except Damaged as damage:
        raise Broken(f"the last checkpoint in {folder} was changed: {damage}") from damage


def epoch_folder(folder: Path, epoch: int) -> Path:
    """Where the checkpoints of an epoch lie: the first one's in the folder itself, later ones' in one of their own."""
    return folder if epoch == 1 else folder / f"epoch-{epoch}"


def epochs_in(folder: Path) -> list[int]:
    """The epochs that have files here, in order."""
    later = [path.name.removeprefix("epoch-") for path in folder.glob("epoch-*") if any(path.glob("*.txt"))]
    first = [1] if any(folder.glob("*.txt")) else []
    return first + sorted(int(number) for number in later if number.isdigit())


def lengths(folder: Path) -> list[tuple[Path, int]]:
    """The files and their length now, in order: what a reader may look at while others append."""
    return [(path, path.stat().st_size) for path in sorted(folder.glob("*.txt"))]


def read_notes(files: Sequence[tuple[Path, int]]) -> Iterator[tuple[str, str]]:
    """(file name, note) one by one. An unfinished end of the newest file is left out: it was never published."""
    for path, length in files:
        with path.open("rb") as file:
            left, text = length, b""
            while left:
                more = file.read(min(left, 1 << 16))
                if not more:
                    break
                left -= len(more)
                *pieces, text = (text + more).split(_BETWEEN)
                if len(pieces) % 2:
                    text = pieces.pop() + _BETWEEN + text
                for head, signature in zip(pieces[::2], pieces[1::2], strict=True):
                    yield path.name, f"{_text(head)}\n\n{_text(signature)}\n"
            if text and path != files[-1][0]:
                yield path.name, _text(text)


def _append(path: Path, raw: bytes) -> None:
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, raw)
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        _sync_folder(path.parent)


def _file_for(folder: Path, note: str, newest: Path | None) -> Path:
    """By the day in the note, but never before the newest file, should the clock have gone back."""
    day = note.split("\n")[4].removeprefix("time ")[:10]
    path = folder / f"{day}.txt"
    return newest if newest and newest.name > path.name else path


def _newest(folder: Path) -> Path | None:
    return max(folder.glob("*.txt"), default=None)


def _drop_torn_end(path: Path) -> None:
    """Cuts a note that a crash left half written; the database still has it, so it is written again whole."""
    tail = _tail(path)
    if tail.endswith(_BETWEEN) and len(_whole_pieces(tail)) % 2 == 0:
        return
    whole = b"".join(piece.encode() + _BETWEEN for piece in _even(_whole_pieces(tail)))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - len(tail) + len(whole))
        os.fsync(file.fileno())


def _tail(path: Path) -> bytes:
    """The end of a file, beginning with a note's first line."""
    with path.open("rb") as file:
        size = path.stat().st_size
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    if size <= _TAIL:
        return tail
    # a signature line begins with a dash: the piece behind the first one is a note's beginning
    first = tail.find(b"\n\xe2\x80\x94 ")
    start = tail.find(_BETWEEN, first) + len(_BETWEEN)
    return tail[start:]


def _whole_pieces(tail: bytes) -> list[str]:
    return [_text(piece) for piece in tail.split(_BETWEEN)[:-1]]


def _even(pieces: list[str]) -> list[str]:
    return pieces[: len(pieces) // 2 * 2]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
