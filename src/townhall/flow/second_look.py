"""Second looks: strangers' edits and deletions that no network tells of are found by asking for the posts again.

Posts in open cases are asked for at a few ages; what came out is received like anything else, and commits together
with how far the look has come. A look is small and rare, so that reading and sending keep their share of the network's
limits; one that cannot keep up leaves out the oldest posts rather than fall ever further behind.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from psycopg import Connection

from townhall.channels.port import Page
from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.desk.second_look import Worth, worth_a_look
from townhall.flow.delivery_clients import AccountClients, Clients
from townhall.flow.receive import make_ready, receive
from townhall.flow.rest import rest
from townhall.intake import health, store
from townhall.intake.health import NETWORKS, Reading
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, Clock, Instant, system_clock
from townhall.kernel.errors import TownhallError
from townhall.kernel.ids import id_at
from townhall.vault import Keys, open_keys

AGES: tuple[Instant, ...] = (5 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY)
"""How old a post is when it is looked at again."""
POSTS = 20
"""Posts that one look asks for: on Mastodon that is a call for each."""
EVERY_S = 60.0
"""Seconds between looks at an account: with ``POSTS``, a third of what a Mastodon server allows."""
FORGO: Instant = HOUR
"""How far a look may fall behind its age before posts are left out."""
_SPACE, _NUMBER = 0x6C6F6F6B, 1
_log = structlog.get_logger()


class SecondLook:
    """Looks again, for every account that is read. ``conn`` is a worker's connection that nobody else uses."""

    def __init__(self, conn: Connection[Any], keys: Keys, clock: Clock, clients: Clients) -> None:
        self._conn, self._keys, self._clock, self._clients = conn, keys, clock, clients
        self._hand = ThreadPoolExecutor(1, "second look", initializer=make_ready)

    async def look(self) -> int:
        """One small look at each account. Gives how many posts were asked for."""
        asked = 0
        for account in await self._do(health.reading_accounts, self._conn, NETWORKS):
            if account.state in ("no_token", "limited", "failing"):
                continue  # who reads the account has the trouble already, and says so
            try:
                asked += await self._look_at(account)
            except TownhallError as trouble:
                _log.info("no second look", account=account.account_id, why=str(trouble))
        return asked

    async def _look_at(self, account: Reading) -> int:
        now, left = self._clock(), POSTS
        client = await self._do(self._clients.of, self._conn, account.account_id)
        for age in AGES:
            worth = await self._do(self._worth, account, age, now, left)
            page = await client.look_again(worth.native_ids) if worth.native_ids else Page([], "")
            await self._do(self._keep, account, age, worth, page)
            left -= len(worth.native_ids)
            if left <= 0:
                break
        return POSTS - left

    async def _do(self, act: Callable[..., Any], *of: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._hand, act, *of)

    def _worth(self, account: Reading, age: Instant, now: Instant, limit: int) -> Worth:
        oldest = id_at(now - age - FORGO)
        after = max(health.looked_upto(self._conn, account.account_id, age // SECOND), oldest)
        return worth_a_look(self._conn, account.brand_id, account.account_id, after, id_at(now - age), limit)

    def _keep(self, account: Reading, age: Instant, worth: Worth, page: Page) -> None:
        with transaction(self._conn):
            if page.items:
                owner = store.account(self._conn, account.account_id)
                receive(self._conn, self._keys, owner, account.channel, page.items, self._clock())
            if page.cost_micro_usd:
                health.note_cost(self._conn, account.account_id, page.cost_micro_usd)
            health.note_look(self._conn, account, age // SECOND, worth.upto)


async def run(settings: Any, database: Database, stop: asyncio.Event, clock: Clock = system_clock) -> None:
    """The loop of the clock role; one owner for the whole house."""
    keys = open_keys(settings.home)
    clients = AccountClients(keys.kek, clock, settings.inside)
    with connect(database.dsn("worker"), "townhall second look") as conn:
        looking, owned = SecondLook(conn, keys, clock, clients), None
        try:
            while not stop.is_set():
                owned = owned or take_ownership(conn, _SPACE, _NUMBER)
                if owned:
                    await looking.look()
                await rest(stop, EVERY_S)
        finally:
            await clients.close()
