"""Indexing, behind the pipeline: what its batches left waiting becomes searchable, and topics are added up.

The batch itself writes the terms and topics it has already found, unindexed; the index is brought up here, off the way
of the posts. A run leaves the waiting table in the transaction that indexes it: nothing twice, nothing left out.
"""

import asyncio
from typing import Any

from psycopg import Connection

from townhall.analytics import topics
from townhall.archive import store as archive
from townhall.database import Database
from townhall.database.connect import connect, transaction

TICK_S = 0.5
RUNS = 64
"""Runs indexed in one transaction: bounds its length."""


def catch_up(conn: Connection[Any], most: int = RUNS) -> int:
    """One pass in the caller's transaction. Gives how many runs it took; 0 when nothing waited."""
    return archive.settle(conn, most) + topics.settle(conn, most)


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """The loop of the clock role: indexes until ``stop``."""
    conn = await asyncio.to_thread(connect, database.dsn("worker"), "townhall search")
    try:
        while not stop.is_set():
            if await asyncio.to_thread(_pass, conn) < RUNS:
                await _rest(stop)
    finally:
        conn.close()


def _pass(conn: Connection[Any]) -> int:
    with transaction(conn, lock_timeout="5s"):
        return catch_up(conn)


async def _rest(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), TICK_S)
    except TimeoutError:
        pass
