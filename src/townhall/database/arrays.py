"""Long arrays as query parameters, packed at once: the driver's own way costs a microsecond an element.

Each function gives a parameter of one array type, in PostgreSQL's binary form (documentation, "array_send").
"""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg
from msgspec import Struct
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

from townhall.kernel.clock import Instant

_HEAD = struct.Struct(">iiiii").pack
_SINCE_2000 = 946_684_800_000_000
_LARGE = np.dtype([("length", ">i4"), ("value", ">i8")])
_SMALL = np.dtype([("length", ">i4"), ("value", ">i4")])


class Packed(Struct, frozen=True):
    """An array in binary form, ready to send."""

    body: bytes


class BigintArray(Packed, frozen=True):
    """``bigint[]``."""


class IntegerArray(Packed, frozen=True):
    """``integer[]``."""


class MomentArray(Packed, frozen=True):
    """``timestamptz[]``."""


class TextArray(Packed, frozen=True):
    """``text[]``."""


class UuidArray(Packed, frozen=True):
    """``uuid[]``."""


class BlobArray(Packed, frozen=True):
    """``bytea[]``."""


def bigints(values: Sequence[int]) -> BigintArray:
    """64-bit whole numbers."""
    return BigintArray(_fixed(values, _LARGE, 8, 20))


def integers(values: Sequence[int]) -> IntegerArray:
    """32-bit whole numbers."""
    return IntegerArray(_fixed(values, _SMALL, 4, 23))


def moments(values: Sequence[Instant]) -> MomentArray:
    """Instants; 0, the epoch, stands for none and is turned into it with ``nullif(…, 'epoch')``."""
    return MomentArray(_fixed(np.asarray(values, dtype=np.int64) - _SINCE_2000, _LARGE, 8, 1184))


def texts(values: Sequence[str]) -> TextArray:
    """Texts."""
    raws = [value.encode() for value in values]
    return TextArray(_varying(raws, 25))


def uuids(values: Sequence[bytes]) -> UuidArray:
    """16 bytes each."""
    return UuidArray(_varying(values, 2950))


def blobs(values: Sequence[bytes]) -> BlobArray:
    """Bytes. The driver would spell them out in hexadecimal, and escape that."""
    return BlobArray(_varying(values, 17))


def _fixed(values: Any, shape: Any, size: int, oid: int) -> bytes:
    count = len(values)
    if not count:
        return struct.pack(">iii", 0, 0, oid)
    cells = np.empty(count, dtype=shape)
    cells["length"] = size
    cells["value"] = values
    return _HEAD(1, 0, oid, count, 1) + cells.tobytes()


def _varying(raws: Sequence[bytes], oid: int) -> bytes:
    if not raws:
        return struct.pack(">iii", 0, 0, oid)
    cells = b"".join([len(raw).to_bytes(4, "big") + raw for raw in raws])
    return _HEAD(1, 0, oid, len(raws), 1) + cells


def _register(shape: type[Packed], array_oid: int) -> None:
    class PackedDumper(Dumper):
        format = Format.BINARY
        oid = array_oid

        def dump(self, obj: Packed) -> Buffer:
            return obj.body

    psycopg.adapters.register_dumper(shape, PackedDumper)


for _shape, _oid in (
    (BigintArray, 1016),
    (IntegerArray, 1007),
    (MomentArray, 1185),
    (TextArray, 1009),
    (UuidArray, 2951),
    (BlobArray, 1001),
):
    _register(_shape, _oid)
