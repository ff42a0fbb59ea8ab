"""Acts on posts that come at the same moment in another shard: folded all the same, and without reading all that waits."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from psycopg import Connection

from tests.flow.parish import Parish, act, post
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.pipeline import Worker
from townhall.intake.logic import SHARDS, shard_of

pytestmark = pytest.mark.database
EDIT = act("Update", 1, 2, text="edited?")
OTHER = [post(50, 1, root=9), post(51, 2, root=9)]


def let_go(line: Connection[Any]) -> None:
    """Gives every shard back, as a process does that dies."""
    line.execute("SELECT pg_advisory_unlock_all()")


class Pair:
    """Two workers: ``ann`` owns the shard that edits of post 1 come to, ``bo`` all others."""

    def __init__(
        self, database: Database, ann: Connection[Any], bo: Connection[Any], door: Connection[Any]
    ) -> None:
        self.parish = Parish(database, door)
        let_go(door)
        mine = shard_of(self.parish.account.id, "https://n.example/s/1")
        clock = self.parish.worker._clock
        self.ann = Worker(database, self.parish.house, 1, [mine], clock=clock)
        self.bo = Worker(database, self.parish.house, 2, [s for s in range(SHARDS) if s != mine], clock=clock)
        self.lines = {"ann": ann, "bo": bo}
        for name, worker in self.workers.items():
            worker.own(self.lines[name])
            self.parish.offer([post(100 + n, 0) for n in range(40)])
            while worker.step(self.lines[name]):
                pass
        roots = [n for n in range(90) if shard_of(self.parish.account.id, f"https://n.example/t/{n}") != mine]
        self.post = post(1, 0, root=roots[0])

    @property
    def workers(self) -> dict[str, Worker]:
        return {"ann": self.ann, "bo": self.bo}

    def meet(self, last: str) -> None:
        """The edit and its post at once: neither batch sees the other. ``last`` commits last."""
        self.parish.offer([EDIT, self.post])
        with ExitStack() as later, ExitStack() as sooner:
            for name, worker in self.workers.items():
                (later if name == last else sooner).enter_context(transaction(self.lines[name]))
                assert worker._batch_once(self.lines[name]) is not None
            sooner.close()
        for worker in self.workers.values():
            worker._late.committed()

    def text(self) -> str:
        return str(self.parish.rows("SELECT text FROM interaction WHERE native_id LIKE '%/s/1'")[0][0])


@pytest.fixture
def pair(database: Database) -> Iterator[Pair]:
    dsn = database.dsn("worker")
    with connect(dsn) as ann, connect(dsn) as bo, connect(dsn) as door:
        yield Pair(database, ann, bo, door)


def work_again(pair: Pair, name: str) -> None:
    """One more batch with something else for that worker."""
    number = 0
    while True:
        number += 1
        pair.parish.offer([post(1000 + number, 3, root=2000 + number)])
        if pair.workers[name].step(pair.lines[name]) is not None:
            return


@pytest.mark.parametrize("last", ["ann", "bo"])
def test_whoever_commits_last_finds_it_in_the_next_batch(pair: Pair, last: str) -> None:
    pair.meet(last)
    assert pair.text() == "why is there no signal?"
    work_again(pair, last)
    assert pair.text() == "edited?"
    assert pair.parish.rows("SELECT count(*) FROM pending_act") == [(0,)]


def test_who_takes_over_the_shards_of_one_that_died_finds_it(pair: Pair) -> None:
    """Bo is slow: Ann's edit is stored and looked at once more before Bo's post is. Then Bo dies without a next batch."""
    pair.parish.offer([EDIT, pair.post])
    ann, bo = pair.lines["ann"], pair.lines["bo"]
    with transaction(bo):
        assert pair.bo._batch_once(bo) is not None
        while pair.ann.step(ann):
            pass
        work_again(pair, "ann")
    let_go(bo)
    pair.ann._shards = list(range(SHARDS))
    pair.ann.own(ann)
    pair.parish.offer(OTHER)
    while pair.ann.step(ann):
        pass
    assert pair.text() == "edited?"


def test_a_batch_does_not_read_what_has_long_been_waiting(pair: Pair) -> None:
    """An act on a post that nobody sends stays, and costs later batches nothing: it is asked for by key alone."""
    pair.parish.offer([act("Like", 777, 1, "zed")])
    for name, worker in pair.workers.items():
        while worker.step(pair.lines[name]):
            pass
    assert pair.parish.rows("SELECT count(*) FROM pending_act") == [(1,)]
    for name, worker in pair.workers.items():
        known = worker._late._before
        assert set(worker._late._stranded(pair.lines[name])) <= {*known.posts, *known.wanted}
