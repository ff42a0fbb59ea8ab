"""Once a night each brand's stored verdicts are derived again from what was judged, in small steps, on from where it stopped.

New verdicts come first, then older ones, a bounded number a night; when the end is reached it begins anew. What was done is
a row for each brand and night, and its result a fact. A loop of the clock role.
"""

import asyncio
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall import journal, vault
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.backtest import Versions, differing
from townhall.flow.replay import read
from townhall.flow.rest import rest
from townhall.kernel.clock import Clock, Instant, system_clock, to_datetime
from townhall.kernel.fact import Fact
from townhall.kernel.ids import id_at
from townhall.people import brands
from townhall.policy.logic.night import MOST, night_of
from townhall.policy.store import nights as store
from townhall.policy.store.nights import Night

STEP = 2_000
"""Verdicts of one step, which is one short transaction."""
IDLE_S, BUSY_S = 30.0, 0.2


def step(conn: Connection[Any], kek: bytes, now: Instant, most: int = MOST, size: int = STEP) -> bool:
    """Begins what nights have come, and takes one step of one; False when nothing is left to do. In the caller's transaction."""
    for brand in brands.all_brands(conn).values():
        local = to_datetime(now).astimezone(brand.zone_info())
        store.begin(conn, brand.id, night_of(local), id_at(now), now)
    night = store.running(conn)
    if night is None:
        return False
    fresh = night.fresh < night.upto
    after, end = (night.fresh, night.upto) if fresh else (night.again, night.fresh_from + 1)
    chunk = read(conn, kek, night.brand, after, end, min(size, max(most - night.checked, 1)))
    found = differing(Versions(conn), chunk.posts)
    moved = chunk.last or (night.upto if fresh else 0)  # past the end of the older ones it begins anew
    on = replace(
        night, checked=night.checked + len(chunk.posts), different=night.different + len(found),
        first=night.first or (found[0] if found else None), fresh=moved if fresh else night.fresh,
        again=night.again if fresh else moved,
    )  # fmt: skip
    done = on.checked >= most or (not fresh and not chunk.last)
    store.put(conn, on, now if done else 0)
    if done:
        journal.append(conn, [_fact(on, now)])
    return True


def _fact(night: Night, now: Instant) -> Fact:
    data = {"night": night.night.isoformat(), "checked": night.checked, "different": night.different}
    if night.first:
        data["first"] = night.first
    return Fact(
        type="townhall.policy.rederived", subject=f"brand/{night.brand}", time=now, brand=night.brand,
        actor="system/nightly", data=data,
    )  # fmt: skip


def steps(conn: Connection[Any], kek: bytes, clock: Clock) -> bool:
    """One step in a transaction of its own; whether there was something to do."""
    with transaction(conn, lock_timeout="2s"):
        return step(conn, kek, clock())


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """The loop of the clock role, until ``stop``. Steps rest between each other: the house has other work."""
    conn = await asyncio.to_thread(connect, database.dsn("worker"), "townhall nightly")
    kek = vault.open_keys(settings.home).kek
    try:
        while not stop.is_set():
            busy = await asyncio.to_thread(steps, conn, kek, system_clock)
            await rest(stop, BUSY_S if busy else IDLE_S)
    finally:
        conn.close()
