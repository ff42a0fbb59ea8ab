"""Notices leave the house: a few postmen side by side, so that one address which does not answer holds up neither the
others nor the watch. What is urgent leaves first, and what was tried less often before what was tried more.
"""

import asyncio
from typing import Any

from psycopg import Connection

from townhall import vault
from townhall.care import notices
from townhall.care.notices import Sending
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk import duty
from townhall.flow import notify
from townhall.flow.rest import rest
from townhall.kernel.clock import Clock, system_clock
from townhall.kernel.errors import Refused, Unavailable

POSTMEN = 4
EVERY_S = 0.5


class Postman:
    """Takes one sending at a time, on a connection of its own."""

    def __init__(self, conn: Connection[Any], post: notify.Post, clock: Clock = system_clock) -> None:
        self._conn, self._post, self._clock = conn, post, clock

    def let_leave(self) -> int:
        """Sends what is due until nothing is. Gives how many were tried."""
        tried = 0
        while self.one():
            tried += 1
        return tried

    def one(self) -> bool:
        """Sends the most pressing; whether there was one."""
        with transaction(self._conn):
            claimed = notices.claim(self._conn, self._clock())
            brands = duty.slugs(self._conn) if claimed else {}
        for sending in claimed:
            self._send(sending, brands[sending.brand])
        return bool(claimed)

    def _send(self, sending: Sending, brand: str) -> None:
        failure: Unavailable | Refused | None = None
        try:
            notify.send(self._post, sending, brand, self._clock())
        except (Unavailable, Refused) as error:
            failure = error
        with transaction(self._conn):
            if failure is None:
                notices.settle_sent(self._conn, sending, self._clock())
            else:
                permanent = getattr(failure, "permanent", True)
                notices.settle_failed(self._conn, sending, str(failure), self._clock(), permanent=permanent)


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """Lets notices leave until ``stop``. Several may do so at once: a sending is leased to one."""
    keys = vault.open_keys(settings.home)
    await rounds(
        database,
        notify.Post(settings.smtp, settings.mail_from, settings.address, keys.kek, settings.inside),
        stop,
    )


async def rounds(database: Database, post: notify.Post, stop: asyncio.Event) -> None:
    """All postmen's rounds until ``stop``."""
    async with asyncio.TaskGroup() as group:
        for _ in range(POSTMEN):
            group.create_task(_rounds(database, post, stop))


async def _rounds(database: Database, post: notify.Post, stop: asyncio.Event) -> None:
    conn = await asyncio.to_thread(connect, database.dsn("worker"), "townhall notices")
    postman = Postman(conn, post)
    try:
        while not stop.is_set():
            if not await asyncio.to_thread(postman.one):
                await rest(stop, EVERY_S)
    finally:
        conn.close()
