"""SQL of back-tests: asked for, taken a step further, ended. A back-test holds the texts it compares, which may change."""

import json
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_COLUMNS = """id, brand_id, version, digest, against, low, high, state, after_id, result, error, asked_by, asked_at,
    coalesce(worked_at, 'epoch'), coalesce(ended_at, 'epoch')"""

_LET_GO = "source = '', against_source = ''"
"""What has ended needs its texts no more: whoever asks again and again would fill the disk with them."""


class Backtest(Struct, frozen=True):
    """A back-test of a version's text against another version. ``after`` is the last interaction looked at, ``result``
    what was added up so far; times are instants, 0 for not yet."""

    id: int
    brand_id: int
    version: int
    digest: str
    against: int
    low: Instant
    high: Instant
    state: str
    after: int
    result: dict[str, Any]
    error: str
    asked_by: str
    asked_at: Instant
    worked_at: Instant
    ended_at: Instant

    @property
    def is_open(self) -> bool:
        """Whether there is more to do."""
        return self.state in ("asked", "running")


class Texts(Struct, frozen=True):
    """What is compared: the text that is tested, and that of the version in force when it was asked."""

    source: str
    against: str


def add(
    conn: Connection[Any], brand: int, version: int, digest: str, against: int, texts: Texts, low: Instant, high: Instant,
    by: str, now: Instant,
) -> int:  # fmt: skip
    """Asks for a back-test; one of the same brand that has not ended is called off. Returns its id."""
    conn.execute(
        f"UPDATE policy_backtest SET state = 'cancelled', ended_at = %s, {_LET_GO}"
        " WHERE brand_id = %s AND state IN ('asked', 'running')",
        [to_datetime(now), brand],
    )
    row = conn.execute(
        "INSERT INTO policy_backtest (brand_id, version, digest, source, against, against_source, low, high, asked_by, asked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            brand, version, digest, texts.source, against, texts.against, to_datetime(low), to_datetime(high), by,
            to_datetime(now),
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def cancel(conn: Connection[Any], brand: int, version: int, now: Instant) -> int:
    """Calls off what has not ended; gives how many. What was found so far stays."""
    return conn.execute(
        f"UPDATE policy_backtest SET state = 'cancelled', ended_at = %s, {_LET_GO}"
        " WHERE brand_id = %s AND version = %s AND state IN ('asked', 'running')",
        [to_datetime(now), brand, version],
    ).rowcount


def newest(conn: Connection[Any], brand: int, version: int) -> Backtest | None:
    """The newest back-test of a version, without its texts. One query."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM policy_backtest WHERE brand_id = %s AND version = %s ORDER BY id DESC LIMIT 1",
            [brand, version],
        )
        .fetchone()
    )
    return Backtest(*row) if row else None


def waiting(conn: Connection[Any]) -> Backtest | None:
    """The oldest that has not ended, of any brand, locked; somebody else's is passed over."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM policy_backtest WHERE state IN ('asked', 'running') ORDER BY id LIMIT 1"
            " FOR UPDATE SKIP LOCKED"
        )
        .fetchone()
    )
    return Backtest(*row) if row else None


def texts(conn: Connection[Any], backtest: int) -> Texts:
    """The two texts of a back-test."""
    row = conn.execute(
        "SELECT source, against_source FROM policy_backtest WHERE id = %s", [backtest]
    ).fetchone()
    assert row is not None
    return Texts(*row)


def put(
    conn: Connection[Any], backtest: Backtest, state: str, after: int, result: dict[str, Any], now: Instant, error: str = ""
) -> None:  # fmt: skip
    """Keeps how far it came."""
    let_go = "" if state == "running" else f", {_LET_GO}"
    conn.execute(
        "UPDATE policy_backtest SET state = %s, after_id = %s, result = %s, error = %s, worked_at = %s, ended_at = %s"
        f"{let_go} WHERE id = %s",
        [
            state, after, json.dumps(result), error, to_datetime(now), None if state == "running" else to_datetime(now),
            backtest.id,
        ],
    )  # fmt: skip
