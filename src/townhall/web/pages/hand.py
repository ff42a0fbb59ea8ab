"""A worker's hand for the few acts of pages on what pages may not see: sealed secrets, raw deliveries."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from townhall.database.connect import connect, transaction


@contextmanager
def worker_hand() -> Iterator[Connection[Any]]:
    """A transaction as ``townhall_worker``, which sees every brand: ask the door before, name the brand within."""
    with connect(os.environ.get("TOWNHALL_WORKER_DSN", ""), "townhall pages") as conn, transaction(conn):
        yield conn
