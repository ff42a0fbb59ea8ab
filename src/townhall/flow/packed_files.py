"""Files as they are, or packed by gzip or Zstandard: read whole, or with an error that says where they end too early."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

from townhall.kernel.errors import Refused

_PIECE = 1 << 17
_SLICE = 512
"""Bytes unpacked in one go: Zstandard makes at most 128 KB of four, so no more than 16 MB come of them at once."""
_MAGIC = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst"}
BROKEN = (OSError, EOFError, zlib.error, zstandard.ZstdError)


def opened(path: Path) -> BinaryIO:
    """The file's plain bytes, by its name's ending. Raises ``Refused`` when it cannot be opened."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}. Nothing was imported") from error
    return unpacked(raw, path.suffix.lstrip("."))


def unpacked(raw: BinaryIO, packing: str) -> BinaryIO:
    """The plain bytes of what is packed by ``gz`` or ``zst``; as it is when packed by neither."""
    if packing == "gz":
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))
    if packing == "zst":
        return io.BufferedReader(_Zstandard(raw))
    return raw


def packing_of(head: bytes) -> str:
    """How a file that begins so is packed: ``gz``, ``zst`` or "" for not."""
    return next((packing for magic, packing in _MAGIC.items() if head.startswith(magic)), "")


def lines(path: Path, longest: int) -> Iterator[bytes]:
    """Each line with its end, in pieces of at most ``longest`` bytes. Raises ``Refused`` where the file is damaged."""
    with opened(path) as stream:
        yield from lines_of(stream, longest, str(path))


def lines_of(stream: BinaryIO, longest: int, name: str) -> Iterator[bytes]:
    """Each line of a stream. Raises ``Refused``, which calls it by ``name``, where it is damaged."""
    number = 0
    try:
        while line := stream.readline(longest):
            number += 1
            yield line
    except BROKEN as damage:
        raise Refused(
            f"{name} is damaged behind line {number} ({damage}). What stood before is kept and will not be stored"
            " twice: get a whole copy and import it again"
        ) from damage


class _Zstandard(io.RawIOBase):
    """All frames of a file one behind the other. The package's own reader takes a cut frame for the end."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False
        self._piece = self._plain = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._plain:
            piece = self._frame.unused_data if self._frame.eof else b""
            piece = piece or self._slice()
            if not piece:
                if self._begun and not self._frame.eof:
                    raise EOFError("its last frame is cut")
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._begun = True
            self._plain = memoryview(self._frame.decompress(piece))
        taken = min(len(buffer), len(self._plain))
        buffer[:taken], self._plain = self._plain[:taken], self._plain[taken:]
        return taken

    def _slice(self) -> bytes:
        if not len(self._piece):
            self._piece = memoryview(self._packed.read(_PIECE))
        one, self._piece = self._piece[:_SLICE], self._piece[_SLICE:]
        return bytes(one)

    def close(self) -> None:
        self._packed.close()
        super().close()
