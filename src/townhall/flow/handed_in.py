"""A file that somebody handed in, read with bounds: what it is, its lines, and a clear word about anything else.

Nobody knows what a stranger's file holds. So its beginning is looked at before it is kept, what it unpacks to is
counted as it is read, and one that grows beyond all measure is refused where it does.
"""

import io
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from townhall.channels.activitystreams.outbox import is_outbox, outbox_owner, read_outbox
from townhall.flow import packed_files
from townhall.flow.importing import LONGEST_LINE, chunks
from townhall.flow.receive import why_unread
from townhall.intake.parcels import Unsealed
from townhall.intake.store import Account
from townhall.intake.uploads import Upload
from townhall.kernel.errors import Broken, Refused

MOST_PLAIN = 4 << 30
"""Bytes that a file may unpack to."""
MOST_OUTBOX = 128 << 20
"""Bytes of a collection, which is read whole."""
_GROWS, _FROM = 150, 32 << 20
"""Posts pack to a tenth or so; what unpacks to more than this many times its size, beyond so many bytes, is no file of posts."""
_LOOKED_AT, _LINES = 1 << 20, 50
_OTHERS = {
    b"PK": "a ZIP archive: unpack it and hand in the outbox.json in it",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"BZh": "packed by bzip2: pack it by gzip, or hand it in as it is",
    b"\xfd7zXZ": "packed by xz: pack it by gzip, or hand it in as it is",
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it and hand in the file in it",
}
_WANTED = "Hand in ActivityStreams, one activity a line (.ndjson, .ndjson.gz), or a Mastodon outbox.json"


class Lines(Struct, frozen=True):
    """A piece of the file: the lines' numbers, the lines, and how much of the file as it was handed in that is."""

    numbers: list[int]
    lines: list[bytes]
    at_byte: int


def check_head(head: bytes, account: Account) -> str:
    """How the file that begins so is packed. Raises ``Refused`` when none of its first lines is an activity."""
    packing = packed_files.packing_of(head)
    plain = _beginning(head, packing)
    for magic, words in _OTHERS.items():
        if plain.startswith(magic):
            raise Refused(f"This is {words}. Nothing was kept")
    if plain[257:262] == b"ustar":
        raise Refused(
            "This is an archive of several files: unpack it and hand in the outbox.json in it. Nothing was kept"
        )
    lines = [line for one in plain.splitlines()[: _LINES + 1] if (line := one.strip())]
    if not lines:
        raise Refused("There is nothing in this file. Nothing was kept")
    if is_outbox(lines[0]):
        return packing
    whole = lines[:-1] if len(lines) > 1 else lines
    reasons = [why_unread(account, "activitystreams", line) for line in whole[:_LINES]]
    if all(reasons):
        raise Refused(f"This holds no activities: {_first(reasons[0])}. {_WANTED}. Nothing was kept")
    return packing


def read(home: Path, kek: bytes, upload: Upload) -> Generator[Lines, None, None]:
    """What follows the last line that was handed on. Raises ``Refused`` where the file is not what it has to be."""
    with Unsealed(home, kek, upload.token, upload.bytes) as sealed:
        plain = _Measured(packed_files.unpacked(io.BufferedReader(sealed), upload.packing), sealed)
        for numbers, lines in chunks(_whole_lines(io.BufferedReader(plain), upload)):
            if numbers[-1] > upload.line:
                skipped = sum(number <= upload.line for number in numbers)
                yield Lines(numbers[skipped:], lines[skipped:], sealed.given)


def owner(home: Path, kek: bytes, upload: Upload) -> str:
    """Whose outbox it is ("" when it is none): the posts in it are the account's own."""
    with Unsealed(home, kek, upload.token, upload.bytes) as sealed:
        plain = _Measured(packed_files.unpacked(io.BufferedReader(sealed), upload.packing), sealed)
        found = _checked(io.BufferedReader(plain), upload)
        first = next(found, b"")
        return outbox_owner(_collection(first, found)) if is_outbox(first) else ""


def _whole_lines(stream: BinaryIO, upload: Upload) -> Iterator[bytes]:
    found = _checked(stream, upload)
    first = next(found, b"")
    if is_outbox(first):
        yield from _collection(first, found)
        return
    for number, line in enumerate(_both(first, found), 1):
        if len(line) >= LONGEST_LINE:
            raise Refused(
                f"line {number} is longer than {LONGEST_LINE // 1_000_000} MB, which no activity is"
            )
        yield line.strip()


def _both(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _checked(stream: BinaryIO, upload: Upload) -> Iterator[bytes]:
    try:
        yield from packed_files.lines_of(stream, LONGEST_LINE, "It")
    except Broken as damage:
        raise Refused(f"{damage}: hand it in again") from damage


def _collection(first: bytes, rest: Iterator[bytes]) -> list[bytes]:
    parts, size = [first], len(first)
    for part in rest:
        parts.append(part)
        size += len(part)
        if size > MOST_OUTBOX:
            raise Refused(
                f"an outbox of more than {MOST_OUTBOX >> 20} MB is imported on the host, by townhall import"
            )
    return read_outbox(b"".join(parts))


class _Measured(io.RawIOBase):
    """Plain bytes as they are unpacked, until they are more than any file of posts would give."""

    def __init__(self, plain: BinaryIO, sealed: Unsealed) -> None:
        self._plain, self._sealed, self._size = plain, sealed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._plain.read(len(buffer))
        buffer[: len(data)] = data
        self._size += len(data)
        if self._size > MOST_PLAIN or self._size > max(_FROM, _GROWS * self._sealed.given):
            raise Refused(f"it unpacks to more than {_growth(self._size)}, which no file of posts does")
        return len(data)


def _growth(size: int) -> str:
    return f"{MOST_PLAIN >> 30} GB" if size > MOST_PLAIN else f"{_GROWS} times its size"


def _beginning(head: bytes, packing: str) -> bytes:
    """At most the first megabyte of what a file that begins so unpacks to."""
    stream, plain = packed_files.unpacked(io.BytesIO(head), packing), b""
    try:
        while len(plain) < _LOOKED_AT and (piece := stream.read(1 << 14)):
            plain += piece
    except packed_files.BROKEN as damage:
        if not plain and len(head) < _LOOKED_AT:
            raise Refused(f"This is packed, and damaged: {damage}. Nothing was kept") from damage
    return plain


def _first(reason: str) -> str:
    return reason.partition("\n")[0][:160]
