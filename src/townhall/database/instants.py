"""Times out of the database as ``Instant``: whole microseconds UTC, exact, never a ``datetime``.

The loaders can be put on a connection of ours, or on one cursor of somebody else's connection (Django's keeps its
own way with times, which its sessions need).
"""

import struct
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.rows import tuple_row
from psycopg.types.datetime import TimestamptzLoader

from townhall.kernel.clock import Instant, from_datetime

_SINCE_2000 = 946_684_800_000_000
_INT8 = struct.Struct(">q").unpack


class InstantLoader(Loader):
    """``timestamptz`` in its binary form: microseconds since 2000."""

    format = Format.BINARY

    def load(self, data: Buffer) -> Instant:
        """The instant. Infinity, which no table of ours stores, comes as it is: far away."""
        return int(_INT8(data)[0]) + _SINCE_2000


class TextInstantLoader(TimestamptzLoader):
    """``timestamptz`` in its text form, read by the driver and turned into an instant."""

    def load(self, data: Buffer) -> Instant:  # type: ignore[override]
        """The instant."""
        moment: datetime = super().load(data)
        return from_datetime(moment)


def load_instants(context: AdaptContext) -> None:
    """Makes a connection or a cursor give instants for ``timestamptz`` (and arrays of them)."""
    if context.adapters is not None:
        context.adapters.register_loader("timestamptz", InstantLoader)
        context.adapters.register_loader("timestamptz", TextInstantLoader)


def reader(connection: Connection[Any]) -> Cursor[tuple[Any, ...]]:
    """A cursor that gives plain tuples and instants, whoever made the connection."""
    cursor = Cursor(connection, row_factory=tuple_row)
    load_instants(cursor)
    return cursor
