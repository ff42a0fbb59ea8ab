"""Verify: derives the whole record again from what is stored, and names the first fact that does not hold.

What is checked: each fact's bytes against its block's root and seal; each block against its place in the order;
the order for gaps; the tree against every checkpoint; every signature, in the database and in the files; the files
against the database, which shows a cut tail; blocks that stand nowhere; blocks that wait for a number; and the
content that facts vouch for. Memory does not grow with the record.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.connect import connect
from townhall.journal.examine import STRETCH, Examined, Examiner, Gone, Source
from townhall.journal.logic.check import Flaw
from townhall.journal.logic.epoch import facts_lost
from townhall.journal.logic.reference import Erasure
from townhall.journal.logic.tree import Peaks
from townhall.journal.store import epochs, order, stored
from townhall.journal.trail import Step, eras, steps

ALONE_BELOW = 200_000
"""Facts up to which one process is quicker than starting several."""

Progress = Callable[[int, int], None]


class Verdict(Struct, frozen=True):
    """What ``verify`` found. ``first_broken`` names the first broken fact, None when all holds.

    ``unsigned`` facts are numbered and not yet under a checkpoint, ``waiting`` blocks not yet numbered; ``vouched``
    facts had their content opened and hashed, ``erased`` ones had it destroyed on purpose. ``epochs`` counts the log's
    names (one more after each restore), ``lost`` the facts that were signed before a restore and are not here.
    """

    ok: bool
    facts: int
    first_broken: str | None
    facts_per_s: int
    blocks: int
    checkpoints: int
    unsigned: int
    waiting: int
    vouched: int
    erased: int
    epochs: int
    lost: int
    seconds: float


class Job(Struct, frozen=True):
    """What to verify: the database as worker, the keys, the folder of checkpoint files, where content lies."""

    dsn: str
    kek: bytes
    public: bytes
    folder: Path
    sources: dict[str, Source]


def verify(job: Job, progress: Progress = lambda done, total: None, processes: int = 0) -> Verdict:
    """Checks everything in one snapshot. ``progress`` is told facts done and in all; ``processes`` 0 chooses."""
    began = time.monotonic()
    # the files first: each note there was committed before it was written, so the snapshot must hold it
    files = eras(job.folder)
    with connect(job.dsn, "townhall verify") as connection, connection.transaction():
        snapshot = stored.hold_still(connection)
        size, facts = stored.extent(connection)
        examiner = Examiner(connection, job.kek, job.sources)
        opened = epochs.openings(connection)
        walk = _Walk(connection, steps(connection, job.public, files, [*opened.values()]))
        stretches = _examined(job, examiner, snapshot, size, processes or _processes(facts))
        for examined in stretches:
            walk.take(examined)
            progress(walk.facts, facts)
            if walk.flaw:
                break
        stretches.close()
        waiting = order.waiting_ids(connection)
        flaw = (
            walk.flaw
            or walk.end()
            or examiner.waiting(waiting)
            or walk.other_epochs(epochs.blocks(connection), waiting)
        )
        current = epochs.current(connection)
    seconds = time.monotonic() - began
    return Verdict(
        flaw is None, walk.facts, flaw.words() if flaw else None, int(walk.facts / max(seconds, 1e-9)),
        walk.peaks.size, walk.checkpoints, walk.facts - walk.signed_facts, len(waiting), walk.vouched,
        walk.erased_facts, current, facts_lost([*opened.values()]), round(seconds, 3),
    )  # fmt: skip


class _Walk:
    """The record read from its beginning: grows the tree and meets each checkpoint where it was signed."""

    def __init__(self, connection: Connection[Any], trail: Iterator[Step]) -> None:
        self._connection = connection
        self._trail = trail
        self._next = next(trail, None)
        self._unsigned_block = 0
        self._gone: list[Gone] = []
        self._erased: list[Erasure] = []
        self._opened: list[int] = []
        self._signed_size = 0
        self.peaks = Peaks()
        self.facts = self.signed_facts = self.checkpoints = self.vouched = self.erased_facts = 0
        self.flaw: Flaw | None = None

    def take(self, seen: Examined) -> None:
        """The next stretch; sets ``flaw`` at the first thing that does not hold."""
        if seen.ids and seen.first_fact != self.facts:
            what = f"the order says that its first fact is number {seen.first_fact}, it is {self.facts}"
            self.flaw = Flaw(seen.ids[0], 0, self.peaks.size, what)
            return
        self._gone += seen.gone
        self._erased += seen.erased
        self._opened += seen.opened
        self.vouched += seen.vouched
        for block_id, facts, leaf in zip(seen.ids, seen.counts, seen.leaves, strict=True):
            self._block(block_id, facts, leaf)
            if self.flaw:
                return
        self.flaw = seen.flaw

    def _block(self, block_id: int, facts: int, leaf: bytes) -> None:
        if self.peaks.size == self._signed_size:
            self._unsigned_block = block_id
        self.peaks = self.peaks.grown([leaf])
        self.facts += facts
        while self._next and self._next.size <= self.peaks.size and not self.flaw:
            self._meet(self._next, block_id)
            self._next = next(self._trail, None)

    def _meet(self, step: Step, block_id: int) -> None:
        if step.what or step.stated is None:
            self.flaw = Flaw(block_id, 0, self.peaks.size - 1, step.what)
        elif (step.stated.root, step.stated.facts) != (self.peaks.root(), self.facts):
            what = f"positions {self._signed_size} to {step.size - 1} are not what the checkpoint of {step.size} blocks signed"
            self.flaw = Flaw(self._unsigned_block, 0, self._signed_size, what)
        else:
            self._signed_size, self.signed_facts = step.size, self.facts
            self.checkpoints += 1

    def end(self) -> Flaw | None:
        """What only shows at the end: content gone without a fact that says so, a cut tail, blocks that stand nowhere."""
        return self._lost() or self._cut() or self._head() or self._astray()

    def other_epochs(self, named: set[int], waiting: Sequence[int]) -> Flaw | None:
        """Epochs that the database names and no fact opened, or the other way round."""
        facts = set(self._opened)
        astray = sorted((facts ^ named) - (set(waiting) & named))
        if not astray:
            return None
        what = "opens an epoch of the log that is not among its epochs" if astray[0] in facts else ""
        return Flaw(astray[0], 0, -1, what or "stands for an epoch of the log that no numbered fact opened")

    def _lost(self) -> Flaw | None:
        declared = {(e.kind, e.id, item) for e in self._erased for item in e.items or (-1,)}
        for gone in self._gone:
            ordinal, kind, number, item, _ = gone.reference
            if declared.isdisjoint({(kind, number, item), (kind, number, -1)}):
                what = f"its content ({kind} {number}, item {item}) is gone, and no fact says why"
                return Flaw(gone.block, ordinal, gone.position, what)
        self.erased_facts = len(self._gone)
        return None

    def _cut(self) -> Flaw | None:
        step = self._next
        if step is None:
            return None
        size = self.peaks.size
        if step.size <= size or step.stated is None:
            return Flaw(0, 0, size, step.what)
        what = f"the end is cut off: a checkpoint signed {step.size} blocks, the order ends after {size}"
        return Flaw(0, 0, size, f"{what} ({step.stated.facts - self.facts} facts are missing)")

    def _head(self) -> Flaw | None:
        stands = order.head(self._connection)
        if stands == (self.peaks.size, self.facts, self.peaks.packed()):
            return None
        return Flaw(
            0,
            0,
            self.peaks.size,
            f"the head of the journal ({stands[0]} blocks, {stands[1]} facts) is not where the order ends",
        )

    def _astray(self) -> Flaw | None:
        found = stored.astray(self._connection)
        return Flaw(found[0], 0, -1, found[1]) if found else None


def _examined(
    job: Job, here: Examiner, snapshot: str, size: int, processes: int
) -> Generator[Examined, None, None]:
    stretches = ((low, min(low + STRETCH, size)) for low in range(0, size, STRETCH))
    if processes < 2:
        yield from (here.stretch(low, high) for low, high in stretches)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (job, snapshot)) as pool:
        ahead: deque[Future[Examined]] = deque()
        try:
            for low, high in stretches:
                ahead.append(pool.submit(_stretch, low, high))
                if len(ahead) > 3 * processes:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_mine: list[Examiner] = []


def _begin(job: Job, snapshot: str) -> None:
    """In a process of its own: a connection that sees the same moment."""
    connection = connect(job.dsn, "townhall verify")
    connection.autocommit = False
    stored.hold_still(connection, snapshot)
    _mine.append(Examiner(connection, job.kek, job.sources))


def _stretch(low: int, high: int) -> Examined:
    return _mine[0].stretch(low, high)


def _processes(facts: int) -> int:
    return 1 if facts < ALONE_BELOW else min(4, os.cpu_count() or 1)
