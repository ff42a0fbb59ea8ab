"""SQL of import runs: what was read from a file and what became of it."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.intake.store import Account


class Run(Struct, frozen=True):
    """The counts of a run; ``pending`` are items still waiting for the pipeline."""

    read: int
    accepted: int
    duplicates: int
    folded: int
    rejected: int
    pending: int


def begin(connection: Connection[Any], account: Account, file: str) -> int:
    """Opens a run and returns its id."""
    row = connection.execute(
        "INSERT INTO import_run (brand_id, account_id, file) VALUES (%s, %s, %s) RETURNING id",
        [account.brand_id, account.id, file],
    ).fetchone()
    assert row is not None
    return int(row[0])


def add_read(connection: Connection[Any], run: int, read: int, rejected: int) -> None:
    """Counts lines read and refused."""
    connection.execute(
        "UPDATE import_run SET read = read + %s, rejected = rejected + %s WHERE id = %s",
        [read, rejected, run],
    )


def look(connection: Connection[Any], run: int) -> Run:
    """Where a run stands."""
    row = connection.execute(
        """
        SELECT read, accepted, duplicates, folded, rejected,
            (SELECT coalesce(sum(p.items), 0) FROM delivery_pending p JOIN delivery_block b ON b.id = p.block_id
             WHERE b.run_id = r.id)
        FROM import_run r WHERE id = %s
        """,
        [run],
    ).fetchone()
    assert row is not None
    return Run(*map(int, row))


def finish(connection: Connection[Any], run: int) -> None:
    """Marks a run as done."""
    connection.execute("UPDATE import_run SET done_at = clock_timestamp() WHERE id = %s", [run])
