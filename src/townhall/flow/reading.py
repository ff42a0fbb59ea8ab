"""Reading: every account that speaks for itself is read from its own cursor, by stream where the network has one.

A page and its cursor commit together, so nothing is read twice into the house and nothing is left out. What fails is
said in the account's health; what was missed meanwhile is a gap, filled from the cursor when the network is back.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from psycopg import Connection

from townhall import journal
from townhall.channels.port import ChannelClient, Page
from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.flow.delivery_clients import AccountClients
from townhall.flow.receive import make_ready, receive
from townhall.flow.rest import rest
from townhall.intake import health, store
from townhall.intake.health import NETWORKS, Reading
from townhall.kernel.clock import SECOND, Clock, Instant, system_clock
from townhall.kernel.errors import ChannelUnavailable, TownhallError
from townhall.kernel.fact import Fact
from townhall.vault import Keys, open_keys

LOOK = 2.0
"""Seconds between two looks for accounts that came, went or changed."""
BEHIND = 120.0
"""Seconds of lag from which an account is said to be behind."""
LONGEST_WAIT = 60.0
_SPACE = 0x72656164
_log = structlog.get_logger()


class Reader:
    """Reads the accounts that this process owns. ``conn`` is a worker's connection nobody else uses."""

    def __init__(self, conn: Connection[Any], keys: Keys, clock: Clock, clients: AccountClients) -> None:
        self._conn, self._keys, self._clock, self._clients = conn, keys, clock, clients
        self._alone = asyncio.Lock()
        self._hand = ThreadPoolExecutor(1, "reading", initializer=make_ready)
        self._tasks: dict[int, tuple[ChannelClient, asyncio.Task[None]]] = {}

    async def look(self) -> None:
        """Starts reading new accounts, stops those that went, starts anew those whose settings changed."""
        async with self._alone:
            accounts = {a.account_id: a for a in health.reading_accounts(self._conn, NETWORKS)}
            made = {id: self._client(account) for id, account in accounts.items() if self._owns(id)}
        clients = {id: client for id, client in made.items() if client}
        for gone in [id for id, (client, _) in self._tasks.items() if clients.get(id) is not client]:
            self._tasks.pop(gone)[1].cancel()
        for id, client in clients.items():
            if id not in self._tasks or self._tasks[id][1].done():
                task = asyncio.create_task(self._read(accounts[id], client))
                self._tasks[id] = (client, task)

    def _client(self, account: Reading) -> ChannelClient | None:
        """The account's client; ``None``, and said in its health, where its settings allow none."""
        try:
            return self._clients.of(self._conn, account.account_id)
        except TownhallError as trouble:
            with transaction(self._conn):
                self._trouble(account, trouble, self._clock(), 1)
            return None

    def _owns(self, account_id: int) -> bool:
        return account_id in self._tasks or take_ownership(self._conn, _SPACE, account_id) is not None

    async def finish(self) -> None:
        """Ends all reading; a page in hand is finished first."""
        for _, task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*(task for _, task in self._tasks.values()), return_exceptions=True)

    async def _read(self, account: Reading, client: ChannelClient) -> None:
        cursor, failures = account.cursor, 0
        while True:
            try:
                who = await client.verify()
                await self._write(lambda now, who=who: self._verified(account, who, now))
                async for page in client.stream(cursor):
                    await asyncio.shield(self._write(lambda now, page=page: self._keep(account, page, now)))
                    cursor, failures = page.cursor, 0
            except TownhallError as trouble:
                failures += 1
                wait = await self._write(lambda now, e=trouble, n=failures: self._trouble(account, e, now, n))
                await asyncio.sleep(wait)

    async def _write(self, act: Any) -> Any:
        async with self._alone:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._hand, self._in_transaction, act)

    def _in_transaction(self, act: Any) -> Any:
        with transaction(self._conn):
            return act(self._clock())

    def _verified(self, account: Reading, who: dict[str, Any], now: Instant) -> None:
        length, most, size, alt = (
            who.get(name) or None for name in ("max_length", "max_pictures", "picture_bytes", "alt_length")
        )
        stated = (length, most, size, alt)
        health.note_verified(self._conn, account.account_id, str(who.get("native_id", "")), stated, now)

    def _keep(self, account: Reading, page: Page, now: Instant) -> None:
        if page.items:
            owner = store.account(self._conn, account.account_id)
            receive(self._conn, self._keys, owner, account.channel, page.items, now)
        behind = page.more or page.lag_s > BEHIND
        before = health.note_page(
            self._conn, account.account_id, now,
            cursor=page.cursor, lag=page.lag_s, cost=page.cost_micro_usd, behind=behind,
        )  # fmt: skip
        health.fill_gap(self._conn, account.account_id, now, len(page.items), whole=not page.more)
        if before in ("no_token", "failing", "limited") and not page.more:
            self._tell(account, "recovered", now, {"after": before})

    def _trouble(self, account: Reading, trouble: TownhallError, now: Instant, failures: int) -> float:
        """Says what is wrong and how long to wait, in seconds."""
        retry_at = getattr(trouble, "retry_at", 0)
        state = "limited" if retry_at else "no_token" if _is_final(trouble) else "failing"
        before = health.note_trouble(self._conn, account.account_id, now, state, str(trouble), retry_at)
        if state != "limited":
            health.open_gap(self._conn, account.account_id, account.brand_id, now, str(trouble))
        if before != state:
            _log.warning("account cannot be read", account=account.account_id, state=state, why=str(trouble))
            self._tell(account, "lost", now, {"state": state})
        if retry_at:
            return max(1.0, (retry_at - now) / SECOND)
        return float(min(LONGEST_WAIT, 2 ** min(failures, 6)))

    def _tell(self, account: Reading, what: str, now: Instant, data: dict[str, Any]) -> None:
        fact = Fact(
            type=f"townhall.channel.{what}", subject=f"account/{account.account_id}", time=now,
            brand=account.brand_id, data=data,
        )  # fmt: skip
        journal.append(self._conn, [fact])


def _is_final(trouble: TownhallError) -> bool:
    return isinstance(trouble, ChannelUnavailable) and trouble.permanent


async def run(settings: Any, database: Database, stop: asyncio.Event, clock: Clock = system_clock) -> None:
    """The loop of the clock role."""
    keys = open_keys(settings.home)
    clients = AccountClients(keys.kek, clock, settings.inside)
    with connect(database.dsn("worker"), "townhall reading") as conn:
        found = Reader(conn, keys, clock, clients)
        try:
            while not stop.is_set():
                await found.look()
                await rest(stop, LOOK)
        finally:
            await found.finish()
            await clients.close()
