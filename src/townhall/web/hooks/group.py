"""Group commit: deliveries that arrive together share one transaction, so that a durable answer stays cheap."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from townhall.channels.port import AccountSettings
from townhall.database.connect import connect, transaction
from townhall.flow.hooks import Answer, Delivery, account_of, count_turned_away, take_deliveries
from townhall.flow.receive import make_ready
from townhall.intake.credentials import account_settings
from townhall.intake.store import Account
from townhall.kernel.clock import SECOND, Clock, Instant
from townhall.kernel.errors import Unavailable
from townhall.vault import Keys

MOST = 256
"""Deliveries in one transaction."""
WAITING = 5_000
"""Deliveries that may wait; beyond it senders are asked to come again."""
_TRUST = 5 * SECOND
_log = structlog.get_logger()
_Waiting = tuple[Delivery, "asyncio.Future[Answer]"]


class Group:
    """One committing loop of this process. The connection is a worker's: it seals and queues."""

    def __init__(self, dsn: str, keys: Keys, clock: Clock) -> None:
        self._dsn, self._keys, self._clock = dsn, keys, clock
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(WAITING)
        self._connection: Connection[Any] | None = None
        self._known: dict[int, tuple[Instant, Account, AccountSettings]] = {}
        self._turned: Counter[tuple[int, str]] = Counter()
        self._busy = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._hand = ThreadPoolExecutor(1, "hooks", initializer=make_ready)

    async def settings_of(self, account_id: int) -> tuple[Account, AccountSettings]:
        """The account and its secrets, at most five seconds old. Raises ``NotFound``."""
        held = self._known.get(account_id)
        if held is None or self._clock() - held[0] > _TRUST:
            async with self._busy:
                found = await self._by_hand(self._look, account_id)
            held = self._known[account_id] = (self._clock(), *found)
        return held[1], held[2]

    async def commit(self, delivery: Delivery) -> Answer:
        """What became of the delivery, once it is durable. Raises ``Unavailable`` when too many wait."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((delivery, future))
        except asyncio.QueueFull:
            raise Unavailable(
                "too many deliveries wait; nothing of this one was kept, send it again"
            ) from None
        return await future

    def turned_away(self, account_id: int, outcome: str) -> None:
        """Counts a delivery that was not let in; written with the next group."""
        self._turned[account_id, outcome] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        """Takes what waits, commits, answers; ends when nothing has waited for a second."""
        while True:
            group = await self._gathered()
            if not group and not self._turned:
                return
            turned, self._turned = self._turned, Counter()
            try:
                answers = await self._written([delivery for delivery, _ in group], turned)
            except (psycopg.OperationalError, Unavailable) as failure:
                _log.warning("deliveries could not be kept", deliveries=len(group), error=str(failure))
                self._turned += turned
                self._fail(group, "the database did not answer")
                await asyncio.sleep(0.2)
                continue
            except Exception:
                _log.exception("deliveries cannot be stored together; trying them one by one")
                self._turned += turned
                await self._one_by_one(group)
                continue
            self._answer(group, answers)

    async def _written(self, deliveries: list[Delivery], turned: Counter[tuple[int, str]]) -> list[Answer]:
        async with self._busy:
            answers: list[Answer] = await self._by_hand(self._write, deliveries, turned)
        return answers

    async def _one_by_one(self, group: Sequence[_Waiting]) -> None:
        """One that cannot be stored holds up nobody else, and its sender is told."""
        for one in group:
            try:
                self._answer([one], await self._written([one[0]], Counter()))
            except Exception:
                _log.exception("a delivery cannot be stored", account=one[0].account.id)
                self._fail([one], "this delivery cannot be stored")

    @staticmethod
    def _answer(group: Sequence[_Waiting], answers: Sequence[Answer]) -> None:
        for (_, future), answer in zip(group, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    async def _by_hand(self, act: Callable[..., Any], *given: Any) -> Any:
        """In the one thread that owns the connection and has its patterns loaded."""
        return await asyncio.get_running_loop().run_in_executor(self._hand, lambda: act(*given))

    async def _gathered(self) -> list[_Waiting]:
        try:
            group = [await asyncio.wait_for(self._queue.get(), 1)]
        except TimeoutError:
            return []
        while len(group) < MOST and not self._queue.empty():
            group.append(self._queue.get_nowait())
        return group

    @staticmethod
    def _fail(group: Sequence[_Waiting], why: str) -> None:
        for _, future in group:
            if not future.done():
                future.set_exception(Unavailable(f"{why}; nothing was kept, send it again"))

    def _write(self, deliveries: Sequence[Delivery], turned: Counter[tuple[int, str]]) -> list[Answer]:
        with transaction(self._line()) as connection:
            count_turned_away(connection, turned)
            return take_deliveries(connection, self._keys, deliveries, self._clock()) if deliveries else []

    def _look(self, account_id: int) -> tuple[Account, AccountSettings]:
        connection = self._line()
        return account_of(connection, account_id), account_settings(connection, self._keys.kek, account_id)

    def _line(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = connect(self._dsn, "townhall hooks")
        return self._connection
