"""What pages, API and live streams work with: connections of the pages, a worker's hand, and the installation's keys."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from townhall.database.connect import connect, transaction
from townhall.database.instants import load_instants
from townhall.vault.keys import Keys, open_keys


@lru_cache(maxsize=1)
def pool() -> ConnectionPool[Any]:
    """The pages' connections, as many as threads may ask at once."""
    return ConnectionPool(
        os.environ.get("TOWNHALL_DSN", ""),
        min_size=1,
        max_size=12,
        kwargs={"autocommit": True, "application_name": "townhall pages"},
        configure=load_instants,
        check=ConnectionPool.check_connection,
        open=True,
    )


@lru_cache(maxsize=1)
def keys() -> Keys:
    """The installation's keys, for verbs that seal what they take."""
    return open_keys(Path(os.environ.get("TOWNHALL_HOME", "var")))


@contextmanager
def worker_hand() -> Iterator[Connection[Any]]:
    """A transaction as ``townhall_worker``, which sees every brand: ask the door before, name the brand within."""
    with connect(os.environ.get("TOWNHALL_WORKER_DSN", ""), "townhall pages") as conn, transaction(conn):
        yield conn
