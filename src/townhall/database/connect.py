"""Connections, transactions, the brand of a transaction, and ownership of a shard."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import Connection
from psycopg_pool import AsyncConnectionPool

from townhall.kernel.errors import DatabaseUnavailable


def connect(dsn: str, name: str = "townhall") -> Connection[Any]:
    """A connection in autocommit: what is not inside ``transaction`` commits by itself.

    ``name`` is what the server's list of sessions shows. Raises ``DatabaseUnavailable``.
    """
    try:
        return psycopg.connect(dsn, autocommit=True, application_name=name, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the database does not answer: {error}") from error


@contextmanager
def transaction(
    conn: Connection[Any], lock_timeout: str = "2s", statement_timeout: str = "", brand: int | None = None
) -> Iterator[Connection[Any]]:
    """One transaction: commits at its end, rolls back on any error. Timeouts are PostgreSQL's (``2s``, ``500ms``).

    ``brand`` is the one brand whose rows ``townhall_web`` sees inside.
    """
    with conn.transaction():
        settings = {"lock_timeout": lock_timeout, "statement_timeout": statement_timeout}
        for setting, value in settings.items():
            if value:
                conn.execute("SELECT set_config(%s, %s, true)", (setting, value))
        if brand is not None:
            for_brand(conn, brand)
        yield conn


def for_brand(conn: Connection[Any], brand: int) -> None:
    """Makes the rest of this transaction see ``brand`` only. Outside a transaction it has no effect."""
    conn.execute("SELECT set_config('townhall.brand', %s, true)", (str(int(brand)),))


def make_pool(
    dsn: str, largest: int = 8, smallest: int = 1, name: str = "townhall"
) -> AsyncConnectionPool[Any]:
    """A pool of asynchronous autocommit connections, not yet open (``await pool.open()``)."""
    options = {"autocommit": True, "application_name": name}
    return AsyncConnectionPool(
        dsn, min_size=smallest, max_size=largest, open=False, kwargs=options,
        check=AsyncConnectionPool.check_connection, timeout=10, name=name,
    )  # fmt: skip


class Ownership(Struct, frozen=True):
    """Sole ownership of one thing while its connection lives.

    ``fence`` grows with every new owner: write it beside whatever leaves the database (a file, a signature), and
    refuse what carries a smaller one. Inside the database no fence is needed as long as the owner writes on the
    very connection that holds the lock: both end together.
    """

    space: int
    number: int
    fence: int


def take_ownership(conn: Connection[Any], space: int, number: int) -> Ownership | None:
    """Takes the thing ``number`` of the kind ``space`` (both 32-bit) for this session, None when somebody has it."""
    row = conn.execute("SELECT pg_try_advisory_lock(%s, %s)", (space, number)).fetchone()
    if not row or not row[0]:
        return None
    fence = conn.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    assert fence is not None
    return Ownership(space, number, fence[0])


def still_owns(conn: Connection[Any], owned: Ownership) -> bool:
    """Whether this very session holds the lock now (it does not after a reconnection)."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
        " AND classid = %s::oid AND objid = %s::oid AND objsubid = 2)",
        (owned.space, owned.number),
    ).fetchone()
    return bool(row and row[0])


def give_back(conn: Connection[Any], owned: Ownership) -> None:
    """Lets somebody else take it."""
    conn.execute("SELECT pg_advisory_unlock(%s, %s)", (owned.space, owned.number))
