"""The loops as the clock role runs them: they start, do their work, and return when asked to."""

import asyncio
from typing import Any

import pytest
from psycopg import Connection
from town import Town

from townhall.archive import store as archive
from townhall.database import Database
from townhall.enrich import search_terms
from townhall.flow import search_follower, watch
from townhall.kernel.clock import system_clock
from townhall.run.settings import Settings

pytestmark = pytest.mark.database


async def test_the_loops_work_until_they_are_stopped(
    copied_settings: Settings, database: Database, owner: Connection[Any], worker: Connection[Any]
) -> None:
    town, now = Town(owner), system_clock()
    town.staff("Lee Lead", "lead")
    post = town.post(town.thread(), town.person("cleo"), "no signal", now)
    town.asks("dora", "late", due=now - 1)
    with worker.transaction():
        archive.add_block(worker, town.brand, [post], search_terms("no signal"))
    stop = asyncio.Event()
    loops = [
        asyncio.create_task(part.run(copied_settings, database, stop)) for part in (watch, search_follower)
    ]
    done = "SELECT (SELECT count(*) FROM alarm) > 0 AND (SELECT count(*) FROM search_block) > 0"
    for _ in range(200):
        if owner.execute(done).fetchone() == (True,):
            break
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*loops), 10)
    assert owner.execute(done).fetchone() == (True,)
