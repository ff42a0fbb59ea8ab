"""Indexing, behind the pipeline: what its batches left waiting becomes searchable, and topics are added up.

In a burst what came in goes first, and the index catches up afterwards. The batch itself writes the terms and topics it has already found, unindexed; the index is brought up here, off the way
of the posts. A run leaves the waiting table in the transaction that indexes it: nothing twice, nothing left out.
"""

import asyncio
from typing import Any

from psycopg import Connection

from townhall.analytics import topics
from townhall.archive import store as archive
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk.status import lag
from townhall.flow.rest import rest

TICK_S = 0.5
RUNS = 64
"""Runs indexed in one transaction: bounds its length."""
BUSY = 20_000
"""Posts that wait for the pipeline before the index lets them go first."""
LONGEST_S = 60
"""Seconds that posts may stay unfound for that."""


def must_wait(conn: Connection[Any]) -> bool:
    """Whether posts that came in go first: very many wait to be judged, and nothing has waited for the index very long."""
    now = lag(conn)
    return now.waiting > BUSY and now.search_seconds < LONGEST_S


def catch_up(conn: Connection[Any], most: int = RUNS) -> int:
    """One pass in the caller's transaction. Gives how many runs it took; 0 when nothing waited."""
    return archive.settle(conn, most) + topics.settle(conn, most)


def settle(conn: Connection[Any]) -> None:
    """Indexes all that waits, beside whoever else does: for commands that end, where no clock may run."""
    while True:
        with transaction(conn, lock_timeout="5s"):
            if not catch_up(conn):
                return


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """The loop of the clock role: indexes until ``stop``."""
    conn = await asyncio.to_thread(connect, database.dsn("worker"), "townhall search")
    try:
        while not stop.is_set():
            if await asyncio.to_thread(_pass, conn) < RUNS:
                await rest(stop, TICK_S)
    finally:
        conn.close()


def _pass(conn: Connection[Any]) -> int:
    with transaction(conn, lock_timeout="5s"):
        return 0 if must_wait(conn) else catch_up(conn)
