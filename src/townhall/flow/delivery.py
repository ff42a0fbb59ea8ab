"""Delivery: takes released texts to their networks, each exactly once as far as the network can tell us.

Mark, commit, call, settle: the call is never inside a transaction, and a process that dies between any two steps
leaves a lease behind, after which another reads the channel back before it tries again. Any number of processes may
deliver side by side.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall import enrich
from townhall.channels import CHANNELS
from townhall.channels.port import Outgoing, Receipt
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import deed_approval
from townhall.flow import deed_book as deeds
from townhall.flow import delivery_book as book
from townhall.flow.deed_book import DeedJob
from townhall.flow.delivery_book import Job
from townhall.flow.delivery_clients import AccountClients, Clients
from townhall.flow.outbound_approval import expire_holds
from townhall.flow.picture_space import PictureSpace
from townhall.flow.picturing import enclosures
from townhall.flow.rest import rest
from townhall.flow.restored import park_if_restored
from townhall.kernel.clock import SECOND, Clock, Instant, system_clock
from townhall.kernel.errors import ChannelUnavailable, TownhallError
from townhall.outbound.logic.journey import Next, Patience, Trial, after_look, after_try
from townhall.vault import Keys, open_keys

TICK = 0.25
"""Seconds between two looks into the outbox."""
MOST = 16
"""Calls in the air at once, of one process."""

_T = TypeVar("_T")
Call = Callable[[], Awaitable[Receipt | None]]
_log = structlog.get_logger()


class Met(Struct, frozen=True):
    """What a call came to: a receipt, or what the try or look met, in words."""

    receipt: Receipt | None
    taken: bool | None
    error: str = ""
    permanent: bool = False
    retry_at: Instant = 0
    cost_micro_usd: int = 0


class Deliverer:
    """One process's hands. ``conn`` is a worker's connection (autocommit) that nobody else uses meanwhile.

    ``pen`` is where the database is asked: one thread, so that what it compiles for itself is compiled once.
    """

    def __init__(
        self, conn: Connection[Any], keys: Keys, clients: Clients, clock: Clock = system_clock,
        patience: Patience | None = None, proves_absence: Callable[[str], bool] | None = None, pen: Executor | None = None,
        space: PictureSpace | None = None,
    ) -> None:  # fmt: skip
        self._conn, self._keys, self._clients, self._clock = conn, keys, clients, clock
        self._patience = patience or Patience()
        self._proves_absence = proves_absence or _proves_absence
        self._alone = asyncio.Lock()
        self._pen = pen or ThreadPoolExecutor(1, "delivery")
        self._space = space or PictureSpace()
        self._flying: set[asyncio.Task[None]] = set()

    async def start(self, most: int = MOST) -> int:
        """Claims what is due, up to ``most`` calls in the air, and begins the calls. Gives how many."""
        room = most - len(self._flying)
        if room <= 0:
            return 0
        lease, now = uuid.uuid4(), self._clock()
        jobs = await self._write(lambda: book.claim(self._conn, lease, now, self._patience, room))
        left = room - len(jobs)
        acts = (
            await self._write(lambda: deeds.claim(self._conn, lease, now, self._patience, left))
            if left
            else []
        )
        for carried in (*map(self._carry, jobs), *map(self._do, acts)):
            task = asyncio.create_task(carried)
            self._flying.add(task)
            task.add_done_callback(self._landed)
        return len(jobs) + len(acts)

    def _landed(self, task: asyncio.Task[None]) -> None:
        """What could not be written is not lost: the lease runs out, and somebody reads the channel back."""
        self._flying.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            _log.error("a delivery could not be settled", error=f"{type(failure).__name__}: {failure}")

    async def finish(self) -> None:
        """Waits for every call in the air to be settled: a graceful end leaves nothing in doubt."""
        while self._flying:
            await asyncio.gather(*self._flying, return_exceptions=True)

    async def tidy(self) -> int:
        """Ends holds whose time passed, and tells intake of posts that people settled. Gives how many."""
        now = self._clock()
        handed = await self._write(lambda: book.hand_back_settled(self._conn, self._keys, now))
        expired = await self._write(
            lambda: expire_holds(self._conn, now) + deed_approval.expire(self._conn, now)
        )
        return handed + expired

    async def ready(self) -> None:
        """Compiles what the first post handed back would compile: seconds that no transaction should wait for."""
        await self._ask(warm)

    async def _write(self, act: Callable[[], _T]) -> _T:
        return await self._ask(lambda: self._in_transaction(act))

    async def _ask(self, act: Callable[[], _T]) -> _T:
        """Asks the database in its thread. Waits for it even when cancelled: the connection is not free before."""
        async with self._alone:
            work = asyncio.get_running_loop().run_in_executor(self._pen, act)
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.wait({work})
                raise

    def _in_transaction(self, act: Callable[[], _T]) -> _T:
        with transaction(self._conn, lock_timeout="5s"):
            return act()

    async def _carry(self, job: Job) -> None:
        about = {"delivery": job.delivery.id, "channel": job.delivery.channel}
        met = await self._tried(job, about)
        now = self._clock()
        if met.receipt is not None:
            receipt = met.receipt
            await self._write(lambda: book.settle_sent(self._conn, self._keys, job, receipt, now))
            return
        then = self._next(job, met, now)
        await self._write(lambda: self._settled(job, then, met, now))

    async def _tried(self, job: Job, about: dict[str, Any]) -> Met:
        """What the call came to. Its pictures are opened when there is space for them beside those on their way."""
        size = 0 if job.look else sum(one.size for one in job.release.pictures)
        left = (job.until - self._patience.call - self._clock()) / SECOND
        try:
            async with self._space.taken(size, left):
                return await self._meet(lambda: self._prepared(job), job.until, about, look=job.look)
        except TimeoutError:
            return Met(None, False, "other pictures are on their way first")

    def _settled(self, job: Job, then: Next, met: Met, now: Instant) -> None:
        book.pay(self._conn, job, met.cost_micro_usd)
        book.settle(self._conn, job, then, met.error, now, met.retry_at)

    def _next(self, job: Job, met: Met, now: Instant) -> Next:
        trial = Trial(met.taken, met.permanent, met.retry_at)
        if job.look:
            proves = self._proves_absence(job.delivery.channel)
            return after_look(trial, job.delivery.looks, proves, now, self._patience)
        return after_try(trial, job.delivery.attempts, now, self._patience)

    async def _do(self, job: DeedJob) -> None:
        about = {"deed": job.deed.id, "channel": job.deed.channel}
        met = await self._meet(lambda: self._prepared_deed(job), job.until, about)
        now, trial = self._clock(), Trial(met.taken, met.permanent, met.retry_at)
        await self._write(
            lambda: deeds.settle(self._conn, job, met.receipt, trial, met.error, self._patience, now)
        )

    async def _meet(
        self, prepare: Callable[[], Call], until: Instant, about: dict[str, Any], *, look: bool = False
    ) -> Met:
        """The call itself. Whatever an adapter raises is an answer; only a certain refusal counts as not taken."""
        no = None if look else False
        try:
            call = await self._ask(prepare)
        except TownhallError as refusal:
            return Met(None, no, str(refusal), permanent=True)
        if self._clock() > until - self._patience.call:
            return Met(None, None, "this process stood still for too long to go on safely")
        try:
            async with asyncio.timeout(self._patience.call / SECOND):
                receipt = await call()
            return Met(receipt, receipt is not None)
        except ChannelUnavailable as failure:
            taken = None if failure.ambiguous else no
            return Met(None, taken, str(failure), failure.permanent, failure.retry_at, failure.cost_micro_usd)
        except TimeoutError:
            return Met(None, None, "the network did not answer in time")
        except TownhallError as refusal:
            return Met(None, no, str(refusal), permanent=True)
        except Exception as surprise:
            _log.exception("a channel's client failed", **about)
            return Met(None, None, f"the channel's client failed: {type(surprise).__name__}")

    def _prepared_deed(self, job: DeedJob) -> Call:
        client, deed = self._clients.of(self._conn, job.deed.account_id), deeds.outgoing(job.deed)
        return lambda: client.act(deed)

    def _prepared(self, job: Job) -> Call:
        """The call with all it needs, so that the database is not asked while the network is. Needs no transaction."""
        client, out = self._clients.of(self._conn, job.delivery.account_id), outgoing(job)
        if not job.look:
            whole = replace(out, pictures=enclosures(self._conn, self._keys.kek, job.release))
            return lambda: client.send(whole)
        since = job.delivery.first_attempt_at or job.delivery.not_before
        known = book.known_posts(self._conn, job.delivery)
        return lambda: client.find_sent(out, since, known)


def outgoing(job: Job) -> Outgoing:
    """What the adapter is handed, but for the pictures, which only a send needs."""
    release, delivery = job.release, job.delivery
    return Outgoing(
        decision_id=delivery.decision, idempotency_key=delivery.idempotency_key, account_id=delivery.account_id,
        text=release.text, in_reply_to=release.in_reply_to, conversation=release.conversation,
        visibility=release.visibility, recipient=release.recipient,  # type: ignore[arg-type]
    )  # fmt: skip


async def deliver_once(deliverer: Deliverer, most: int = MOST) -> int:
    """One round: tidies, begins what is due, and waits for it. Gives how many calls were made."""
    await deliverer.tidy()
    begun = await deliverer.start(most)
    await deliverer.finish()
    return begun


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """The loop of the clock role: until ``stop``; then it waits for the calls in the air and claims nothing more."""
    keys = open_keys(settings.home)
    clients = AccountClients(keys.kek, system_clock, settings.inside)
    with connect(database.dsn("worker"), "townhall delivery") as conn:
        deliverer = Deliverer(conn, keys, clients)
        try:
            parked = await asyncio.to_thread(park_if_restored, conn, settings, system_clock())
            if parked:
                _log.warning(
                    "outbound is parked", why=parked.why, brands=parked.brands, doubted=parked.doubted
                )
            await deliverer.ready()
            await keep_delivering(deliverer, stop)
        finally:
            await deliverer.finish()
            await clients.close()


def warm() -> None:
    """What ``Deliverer.ready`` does, for a process that forks."""
    enrich.redact_batch(["a first text"])


async def keep_delivering(
    deliverer: Deliverer, stop: asyncio.Event, tick: float = TICK, most: int = MOST
) -> None:
    """Claims every ``tick`` seconds until ``stop``, at most ``most`` calls at once; tidies every fourth round."""
    rounds = 0
    while not stop.is_set():
        if rounds % 4 == 0:
            await deliverer.tidy()
        await deliverer.start(most)
        rounds += 1
        await rest(stop, tick)


def _proves_absence(channel: str) -> bool:
    return CHANNELS[channel].card.delivery_guarantee == "exactly_once_by_readback"
