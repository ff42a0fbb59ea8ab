"""The pipeline: a worker owns shards, takes what waits there in batches, and writes each batch in one transaction.

Results, facts, rollups and the removal from the queue commit together: a crash repeats nothing and loses nothing.
"""

import gc
import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog
from msgspec import Struct, json
from psycopg import Connection, DataError, IntegrityError, InternalError, OperationalError, errors

from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.flow import acquaintance, batch_size, decide, deed_rules, gather, judge, write
from townhall.flow.batch import Act, Arrival, Known, Plan
from townhall.flow.facts import of_plan
from townhall.flow.familiar import Familiar
from townhall.flow.house import House
from townhall.flow.late_acts import LateActs
from townhall.flow.unpack import Unpacked, unpack
from townhall.intake import store as intake
from townhall.intake.store import Block
from townhall.kernel.clock import Clock, Instant, system_clock
from townhall.kernel.errors import DatabaseUnavailable, TownhallError
from townhall.kernel.ids import Snowflake
from townhall.outbound.store import outbox
from townhall.vault import seal

_log = structlog.get_logger()
SHARD_LOCK = 0x5448
"""The advisory locks' space: "TH"."""
_IDLE = 0.05
GATHER = 0.25
"""Seconds from batch to batch while they are not full: a batch costs about as much as forty posts (13 statements)."""
BATCH = 3000
"""Most posts in one transaction when they pile up: what a batch costs beside its posts is then small (a fifth less a post
than with 1,000), and it still commits after a third of a second."""


class Outcome(Struct, frozen=True):
    """What a batch did."""

    items: int
    accepted: int
    duplicates: int
    folded: int
    facts: int
    received: list[tuple[Instant, int]]
    """(when it was received, items) of each block."""
    stages: dict[str, float]
    """Seconds of CPU by stage, the database not counted."""


class Worker:
    """One pipeline process: ``number`` names its rollup rows and its ids (0 to 200)."""

    def __init__(
        self, database: Database, house: House, number: int, shards: Sequence[int], *,
        batch: int = BATCH, clock: Clock = system_clock,
    ) -> None:  # fmt: skip
        self._database, self._house, self._number = database, house, number
        self._shards, self._most, self._clock = list(shards), batch, clock
        self._batch = min(batch, batch_size.FIRST)
        self._ids = Snowflake(number, clock)
        self._familiar = Familiar()
        self._late = LateActs()
        self.owned: list[int] = []

    def run(self, stop: threading.Event) -> None:
        """Works until ``stop``; finishes the batch in hand. Reconnects when the database restarts."""
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        while not stop.is_set():
            try:
                with connect(self._database.dsn("worker"), f"worker {self._number}") as connection:
                    self._work(connection, stop)
            except errors.IdleInTransactionSessionTimeout:
                self._batch = batch_size.after_timeout(self._batch)
                _log.warning("this machine is too slow for its batch", worker=self._number, next=self._batch)
                self.owned.clear()
            except (OperationalError, DatabaseUnavailable) as failure:
                _log.warning("worker lost the database", worker=self._number, error=str(failure))
                self.owned.clear()
                stop.wait(1)

    def _work(self, connection: Connection[Any], stop: threading.Event) -> None:
        self.own(connection)
        while not stop.is_set():
            began, asked = time.monotonic(), self._batch
            outcome = self.step_safely(connection)
            took = time.monotonic() - began
            if outcome is None:
                stop.wait(_IDLE)
                self.own(connection)
                continue
            self._batch = batch_size.after_batch(asked, outcome.items, took, self._most)
            if outcome.items < asked:
                stop.wait(max(0.0, GATHER - took))

    def own(self, connection: Connection[Any]) -> None:
        """Takes those of its shards that nobody holds."""
        for shard in [shard for shard in self._shards if shard not in self.owned]:
            if take_ownership(connection, SHARD_LOCK, shard) is not None:
                self.owned.append(shard)
                self._late.doubt()

    def step(self, connection: Connection[Any]) -> Outcome | None:
        """One batch, or ``None`` when nothing waits. Raises nothing for a repeat another shard stored first."""
        for _ in range(5):
            try:
                with transaction(connection, lock_timeout="5s"):
                    outcome = self._batch_once(connection)
                self._late.committed()
                self._familiar.committed()
                return outcome
            except (errors.UniqueViolation, errors.DeadlockDetected, errors.LockNotAvailable) as clash:
                _log.info("batch tried again", worker=self._number, why=type(clash).__name__)
                self._late.doubt()
        return None

    def step_safely(self, connection: Connection[Any]) -> Outcome | None:
        """One batch; when something in it cannot be stored, its items one by one, and that one is set aside."""
        try:
            return self.step(connection)
        except (OperationalError, InternalError):
            raise
        except Exception as fault:
            _log.exception("a batch cannot be stored; trying its items one by one", worker=self._number)
            try:
                with transaction(connection, lock_timeout="5s"):
                    return self._one_by_one(connection, fault)
            finally:
                self._late.doubt()

    def _one_by_one(self, connection: Connection[Any], fault: Exception) -> Outcome | None:
        """The oldest block, item by item. What fails alone is kept among the rejects with the kind of its fault."""
        blocks = intake.take_blocks(connection, self.owned, 1)
        if not blocks:
            raise fault
        self._house.refresh(connection, self._clock(), must=True)
        found, done = unpack(self._house.keys, self._house.accounts, blocks), None
        entries: list[Arrival | Act] = [*found.arrivals, *found.acts]
        for entry in entries:
            alone = Unpacked([entry], []) if isinstance(entry, Arrival) else Unpacked([], [entry])
            try:
                with connection.transaction():
                    done = self._process(connection, blocks, alone, self._clock(), _Watch())
            except (DataError, IntegrityError, ValueError, TypeError, TownhallError) as alone_fault:
                self._set_aside(connection, entry, type(alone_fault).__name__)
        intake.remove_pending(connection, [block.id for block in blocks])
        return done or Outcome(len(found.arrivals), 0, 0, 0, 0, [], {})

    def _set_aside(self, connection: Connection[Any], entry: Arrival | Act, kind: str) -> None:
        owner = self._house.accounts[entry.block.account_id]
        kept = seal(self._house.keys.kek, json.encode(entry.act), intake.LABEL)
        reason = f"it cannot be stored ({kind}); the delivery it came in is kept"
        intake.reject(connection, owner, entry.block.run_id, [(None, reason, kept)], "unstored")

    def _batch_once(self, connection: Connection[Any]) -> Outcome | None:
        watch = _Watch()
        blocks = intake.take_blocks(connection, self.owned, self._batch)
        if not blocks:
            return None
        now = self._clock()
        accounts = {block.account_id for block in blocks}
        self._house.refresh(connection, now, must=not accounts <= self._house.accounts.keys())
        unpacked = unpack(self._house.keys, self._house.accounts, blocks)
        watch.mark("decode")
        outcome = self._process(connection, blocks, unpacked, now, watch)
        intake.remove_pending(connection, [block.id for block in blocks])
        watch.mark("queue")
        return outcome

    def _process(
        self,
        connection: Connection[Any],
        blocks: Sequence[Block],
        found: Unpacked,
        now: Instant,
        watch: "_Watch",
    ) -> Outcome:
        arrivals, acts, ledger, repeats = gather.separate(connection, found.arrivals, found.acts)
        if repeats and (shown := gather.seen_again(found.arrivals, arrivals)):
            outbox.note_seen(connection, shown, now)
        watch.mark("duplicates")
        gather.place_in_threads(self._house.keys.ids, arrivals, ledger)
        known = gather.know(connection, arrivals, ledger, self._familiar)
        acquaintance.look_up(connection, self._house, arrivals, known)
        watch.mark("threads and identity")
        judge.understand(self._house, arrivals)
        watch.mark("understanding")
        contexts = judge.pass_judgement(self._house, arrivals, known)
        watch.mark("policy")
        plan = decide.decide(self._house, self._ids, arrivals, known)
        gather.find_joins(connection, self._house.keys.ids, arrivals, plan)
        watch.mark("routing and clocks")
        facts = self._write(connection, arrivals, acts, contexts, known, plan, now, watch)
        self._count(connection, blocks, found, arrivals, acts, repeats)
        return Outcome(
            sum(block.items for block in blocks), len(arrivals), repeats, len(acts), facts,
            [(block.received, block.items) for block in blocks], watch.marks,
        )  # fmt: skip

    def _write(
        self, connection: Connection[Any], arrivals: Sequence[Arrival], acts: Sequence[Act], contexts: Sequence[Any],
        known: Known, plan: Plan, now: Instant, watch: "_Watch",
    ) -> int:  # fmt: skip
        block, posts = write.write_posts(connection, self._house, arrivals, contexts, plan, now)
        done = deed_rules.of_rules(connection, self._house, arrivals, now)
        watch.mark("posts")
        homes = known.ledger | {a.key: (a.id, a.thread) for a in arrivals}
        changes, touched = write.write_acts(connection, acts, homes) if acts else ([], set())
        touched |= self._late.fold(connection, self._house, arrivals, acts, homes)
        plan.refold |= touched
        write.write_cases(connection, plan)
        moved = list(of_plan(plan, now))
        again = write.write_refolded(connection, self._house, self._ids, plan, now)
        watch.mark("cases and promises")
        write.write_rollups(connection, self._number, plan)
        watch.mark("rollups")
        facts = write.seal_facts(connection, block, posts, done, changes, moved, again)
        watch.mark("record")
        return facts

    def _count(
        self, connection: Connection[Any], blocks: Sequence[Block], found: Unpacked, arrivals: Sequence[Arrival],
        acts: Sequence[Act], repeats: int,
    ) -> None:  # fmt: skip
        runs: dict[int, list[int]] = {}
        for block in blocks:
            if block.run_id is not None:
                runs.setdefault(block.run_id, [0, 0, 0])
        if runs:
            self._count_runs(connection, runs, found, arrivals, acts)
        newest: dict[int, Instant] = {}
        for arrival in arrivals:
            account = arrival.block.account_id
            newest[account] = max(newest.get(account, 0), arrival.at)
        if newest:
            intake.note_arrivals(connection, sorted(newest.items()))

    def _count_runs(
        self, connection: Connection[Any], runs: dict[int, list[int]], found: Unpacked,
        arrivals: Sequence[Arrival], acts: Sequence[Act],
    ) -> None:  # fmt: skip
        kept = {id(entry) for entry in (*arrivals, *acts)}
        entries: list[Arrival | Act] = [*found.arrivals, *found.acts]
        for entry in entries:
            run = runs.get(entry.block.run_id or 0)
            if run is not None:
                place = 1 if id(entry) not in kept else 0 if isinstance(entry, Arrival) else 2
                run[place] += 1
        for run_id, (accepted, duplicates, folded) in sorted(runs.items()):
            intake.count_run(connection, run_id, accepted, duplicates, folded)


class _Watch:
    """CPU time of this thread by stage."""

    def __init__(self) -> None:
        self.marks: dict[str, float] = {}
        self._last = time.thread_time()

    def mark(self, stage: str) -> None:
        now = time.thread_time()
        self.marks[stage] = self.marks.get(stage, 0.0) + now - self._last
        self._last = now
