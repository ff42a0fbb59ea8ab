"""Parcels: files that somebody handed in, sealed piece by piece as they arrive, so that nothing lies on the disk plain.

A parcel is frames one after the other, each a length and a sealed piece; a piece's place is part of its label, so that
none can be swapped. It counts once ``close`` has returned, and is known by its token.
"""

import io
import os
import secrets
import struct
import time
from pathlib import Path

from townhall.kernel.errors import Broken, Refused
from townhall.vault import Sealed, open_sealed, seal

PIECE = 1 << 20
"""Bytes sealed together."""
_LENGTH = struct.Struct(">I")
_KEY = 60


def folder_of(home: Path) -> Path:
    """Where parcels lie."""
    return home / "uploads"


class Parcel:
    """One that is being written. ``size`` counts plain bytes, ``head`` is its beginning, ``kept`` says that somebody knows its token."""

    def __init__(self, home: Path, kek: bytes) -> None:
        folder = folder_of(home)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.token, self.size, self.head = secrets.token_hex(16), 0, b""
        self.kept = False
        self._kek, self._pieces, self._rest = kek, 0, b""
        self._path = folder / self.token
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(handle, "wb")

    def write(self, data: bytes) -> None:
        """Takes the next bytes."""
        self.size += len(data)
        self.head = self.head or data[:PIECE]
        self._rest += data
        while len(self._rest) >= PIECE:
            self._write_piece(self._rest[:PIECE])
            self._rest = self._rest[PIECE:]

    def close(self) -> None:
        """Returns once all of it is on the disk."""
        if self._rest:
            self._write_piece(self._rest)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def drop(self) -> None:
        """Removes it, whole or not."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _write_piece(self, plain: bytes) -> None:
        sealed = seal(self._kek, plain, _label(self.token, self._pieces))
        self._pieces += 1
        self._file.write(_LENGTH.pack(len(sealed.body)) + sealed.key + sealed.body)


class Unsealed(io.RawIOBase):
    """The plain bytes of a parcel of ``size`` bytes. ``given`` counts those handed out.

    Raises ``Refused`` when its file is not there, ``Broken`` when it was changed or cut.
    """

    def __init__(self, home: Path, kek: bytes, token: str, size: int) -> None:
        self._kek, self._token, self._size, self._pieces, self._plain = kek, token, size, 0, b""
        self.given = 0
        try:
            self._file = (folder_of(home) / token).open("rb")
        except OSError as error:
            raise Refused("its file is not on this machine any more: hand it in again") from error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._plain:
            self._plain = self._piece()
        taken = min(len(buffer), len(self._plain))
        buffer[:taken], self._plain = self._plain[:taken], self._plain[taken:]
        self.given += taken
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()

    def _piece(self) -> bytes:
        head = self._file.read(_LENGTH.size)
        if not head and self.given == self._size:
            return b""
        if len(head) < _LENGTH.size:
            raise Broken("the file that was handed in is cut")
        sealed = Sealed(self._file.read(_KEY), self._file.read(*_LENGTH.unpack(head)))
        self._pieces += 1
        return open_sealed(self._kek, sealed, _label(self._token, self._pieces - 1))


def drop(home: Path, token: str) -> None:
    """Removes a parcel that nobody needs any more."""
    (folder_of(home) / token).unlink(missing_ok=True)


def stray(home: Path, known: set[str], older_than_s: float) -> list[str]:
    """Tokens of files that nobody knows and that were last written so many seconds ago: an upload that was cut off."""
    before = time.time() - older_than_s
    found = folder_of(home).glob("*") if folder_of(home).is_dir() else ()
    return [path.name for path in found if path.name not in known and path.stat().st_mtime < before]


def _label(token: str, piece: int) -> bytes:
    return f"upload {token} {piece}".encode()
