"""The spool: everything a firehose said, sealed in files that only grow, durable before it is acknowledged.

A folder holds numbered segments; a segment is frames one after the other; a frame is a block of NDJSON lines, packed
and sealed, behind a head that says how many posts it holds and which of them matter. A new writer begins a new segment,
so the torn end that a crash leaves is never written behind. A frame counts once ``sync`` has returned.
"""

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import zstandard
from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.kernel.errors import Broken
from townhall.vault import Sealed, open_sealed, seal

SEGMENT = 256 << 20
"""Bytes from which a new segment is begun."""
LONGEST_FRAME = 64 << 20
_HEAD = struct.Struct(">4sIIIqQQ")
_MAGIC = b"THS1"
_KEY, _MORE = 60, 28
"""Bytes of a wrapped key, and by how much sealing lengthens a block: a nonce and a tag."""


class Place(Struct, frozen=True, order=True):
    """Where a reader stands: a segment's number and the byte of the next frame in it."""

    segment: int = 0
    at: int = 0


class Frame(Struct, frozen=True):
    """One block. ``hits`` are the places of the lines that matter; ``posts_before`` and ``hits_before`` count what lies
    in earlier frames of the same writer; ``following`` is the place after it."""

    posts: int
    hits: tuple[int, ...]
    written_at: Instant
    posts_before: int
    hits_before: int
    label: bytes
    path: Path
    sealed_at: int
    following: Place

    def lines(self, kek: bytes) -> bytes:
        """The block as it came. Raises ``Broken`` when it was changed."""
        with self.path.open("rb") as file:
            file.seek(self.sealed_at)
            sealed = file.read(self.following.at - self.sealed_at)
        plain = open_sealed(kek, Sealed(sealed[:_KEY], sealed[_KEY:]), self.label)
        try:
            return zstandard.ZstdDecompressor().decompress(plain, max_output_size=LONGEST_FRAME)
        except zstandard.ZstdError as problem:
            raise Broken("a frame of the spool cannot be unpacked") from problem


class Spool:
    """A writer. ``folder`` is made when it is missing."""

    def __init__(self, folder: Path, kek: bytes) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._kek = folder, kek
        self._packer = zstandard.ZstdCompressor(level=1)
        self.posts = self.hits = 0
        self._file, self._size = self._begin()

    def append(self, lines: bytes, posts: int, hits: Sequence[int], now: Instant) -> None:
        """Writes a block. It is durable only after ``sync``."""
        places = np.asarray(hits, ">u4").tobytes()
        packed = self._packer.compress(lines)
        head = _HEAD.pack(_MAGIC, len(packed), posts, len(hits), now, self.posts, self.hits)
        sealed = seal(self._kek, packed, _label(head, places))
        frame = b"".join([head, places, sealed.key, sealed.body])
        if self._size and self._size + len(frame) > SEGMENT:
            self.sync()
            os.close(self._file)
            self._file, self._size = self._begin()
        _write_all(self._file, frame)
        self._size += len(frame)
        self.posts, self.hits = self.posts + posts, self.hits + len(hits)

    def sync(self) -> None:
        """Returns once everything appended before is on the disk."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Syncs and lets the file go."""
        self.sync()
        os.close(self._file)

    def _begin(self) -> tuple[int, int]:
        number = max(segments(self._folder), default=0) + 1
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        file = os.open(_path(self._folder, number), flags, 0o600)
        at = os.open(self._folder, os.O_RDONLY)
        os.fsync(at)
        os.close(at)
        return file, 0


def segments(folder: Path) -> list[int]:
    """The numbers of the segments there are, rising."""
    return sorted(int(path.stem) for path in folder.glob("*.spool") if path.stem.isdigit())


def frames(folder: Path, after: Place) -> Iterator[Frame]:
    """Whole frames from a place on. An unfinished frame ends its segment: it was never acknowledged."""
    for number in segments(folder):
        if number >= after.segment:
            yield from _frames_of(folder, number, after.at if number == after.segment else 0)


def drop_segments(folder: Path, before: Place, older_than: Instant) -> int:
    """Removes segments that lie wholly before a place and were last written before a moment. Gives how many."""
    done = 0
    for number in segments(folder):
        path = _path(folder, number)
        if number < before.segment and path.stat().st_mtime_ns // 1000 < older_than:
            path.unlink()
            done += 1
    return done


def _frames_of(folder: Path, number: int, at: int) -> Iterator[Frame]:
    path = _path(folder, number)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while at + _HEAD.size <= size:
            file.seek(at)
            head = file.read(_HEAD.size)
            magic, packed, posts, hits, written, posts_before, hits_before = _HEAD.unpack(head)
            sealed_at = at + _HEAD.size + 4 * hits
            at = sealed_at + _KEY + packed + _MORE
            if magic != _MAGIC or at > size:
                return
            places = file.read(4 * hits)
            yield Frame(
                posts, tuple(np.frombuffer(places, ">u4").tolist()), written, posts_before, hits_before,
                _label(head, places), path, sealed_at, Place(number, at),
            )  # fmt: skip


def is_torn(folder: Path, frame: Frame, kek: bytes) -> bool:
    """Whether a frame is the last of its segment and cannot be opened: written, never synced, lost with the power."""
    try:
        frame.lines(kek)
    except Broken:
        return _path(folder, frame.following.segment).stat().st_size == frame.following.at
    return False


def _label(head: bytes, places: bytes) -> bytes:
    return b"spool " + hashlib.sha256(head + places).hexdigest().encode()


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:010d}.spool"


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
