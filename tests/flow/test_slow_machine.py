"""A machine that is slower than the database's patience: batches shrink until they fit, and nothing is lost or doubled."""

import time
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.flow.parish import KEYS, Parish, digest, post
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import batch_size
from townhall.flow.house import House
from townhall.flow.pipeline import Worker
from townhall.intake.logic import SHARDS

PATIENCE_S = 2


class Slow:
    """Understands as the house does, at ten milliseconds a post: a full batch outlasts the patience."""

    def __init__(self, models: Any) -> None:
        self._models = models
        self.asked: list[int] = []

    def read(self, texts: Sequence[str], hints: Sequence[str] | None = None) -> Any:
        self.asked.append(len(texts))
        time.sleep(0.01 * len(texts))
        return self._models.read(texts, hints)


class Hurried(Database):
    """The same database with less patience for a silent transaction."""

    def dsn(self, role: Any) -> str:
        return f"{super().dsn(role)}%20-c%20idle_in_transaction_session_timeout%3D{PATIENCE_S * 1000}"


def test_a_slow_machine_takes_smaller_batches_until_they_fit(
    database: Database, copied_settings: Any
) -> None:
    hurried, house = Hurried(copied_settings), House(KEYS)
    with connect(hurried.dsn("worker")) as conn:
        assert conn.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("2s",)
    with connect(database.dsn("worker")) as conn:
        parish = Parish(database, conn)
        for start in range(0, 600, 20):
            parish.offer([post(n, n * 0.01, root=n) for n in range(start, start + 20)])
        conn.execute("SELECT pg_advisory_unlock_all()")
        house.understanding = slow = Slow(house.understanding)  # type: ignore[assignment]
        digest(Worker(hurried, house, 1, list(range(SHARDS)), clock=lambda: parish.now), conn)
        assert slow.asked[0] >= batch_size.FIRST  # more than the patience allows
        assert conn.execute("SELECT count(*), count(DISTINCT native_id) FROM interaction").fetchone() == (
            600,
            600,
        )


@given(st.integers(1, 5000), st.floats(0.1, 1000), st.integers(0, 2))
def test_any_constant_slowness_is_met_in_a_few_batches(
    most: int, per_post_ms: float, overhead_s: int
) -> None:
    """Whatever a post costs, sizes come to rest where a batch stays below the patience, or at the least."""
    size, patience = min(most, batch_size.FIRST), 5.0
    for _ in range(20):
        took = overhead_s + size * per_post_ms / 1000
        size = (
            batch_size.after_timeout(size)
            if took > patience
            else batch_size.after_batch(size, size, took, most)
        )
    took = overhead_s + size * per_post_ms / 1000
    assert took <= patience or size <= batch_size.LEAST
    assert size >= min(most, batch_size.LEAST)


def test_a_quick_machine_comes_to_the_full_batch() -> None:
    size = batch_size.FIRST
    for _ in range(3):
        size = batch_size.after_batch(size, size, 0.3, 3000)
    assert size == 3000
    assert batch_size.after_batch(3000, 120, 0.05, 3000) == 3000  # a quiet channel says nothing of speed
