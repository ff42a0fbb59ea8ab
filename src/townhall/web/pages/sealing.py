"""Takes the one file of a form straight into a parcel: its bytes are sealed as they arrive, never written plain by us."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from townhall.flow.uploading import MOST
from townhall.intake.parcels import Parcel
from townhall.kernel.errors import TooLarge, Unavailable
from townhall.web.hands import keys

_SPARE = 1 << 30
"""Bytes of the disk that an upload leaves free."""


class Parcelled(UploadedFile):  # type: ignore[type-arg]  # generic in its stubs only
    """A file that lies sealed on the disk; there is nothing to read here."""

    def __init__(self, parcel: Parcel, name: str) -> None:
        super().__init__(file=None, name=name, size=parcel.size)
        self.parcel = parcel

    def close(self) -> None:
        """Nothing is open."""


class Sealing(FileUploadHandler):
    """Django's handler for a form with one file. Raises ``TooLarge``, or ``Unavailable`` when the disk is full."""

    chunk_size = 1 << 20

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.parcel: Parcel | None = None

    def new_file(self, *given: Any, **more: Any) -> None:
        """Begins the parcel; a second file of the same form is passed over."""
        super().new_file(*given, **more)
        if self.parcel is not None:
            raise SkipFile()
        home = Path(os.environ.get("TOWNHALL_HOME", "var"))
        home.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(home).free < _SPARE + (self.content_length or 0):
            raise Unavailable("The disk of the host is nearly full. Nothing was kept", permanent=True)
        self.parcel = Parcel(home, keys().kek)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seals the next bytes, up to the bound."""
        assert self.parcel
        if self.parcel.size + len(raw_data) > MOST:
            raise TooLarge(too_large())
        self.parcel.write(raw_data)

    def file_complete(self, file_size: int) -> Parcelled:
        """The file, durable."""
        assert self.parcel
        self.parcel.close()
        return Parcelled(self.parcel, self.file_name or "file")

    def drop_unless_kept(self) -> None:
        """Nothing stays of a file that was refused, or of half of one."""
        if self.parcel is not None and not self.parcel.kept:
            self.parcel.drop()


def too_large() -> str:
    """What is said of a file beyond the bound."""
    return (
        f"A file has at most {MOST >> 20} MB here. Pack it by gzip, cut it in two, or import it on the host: townhall import."
        " Nothing was kept"
    )
