"""The rollups' own SQL: sorted, set-based additions to rows of one writer.

Deltas may be negative (a promise moved to another minute is taken from the old one). Keys may repeat within a call.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime

PEOPLE = -1
"""The writer's number of acts by people (the web role). Pipeline workers are 0 and up."""

VolumeRow = tuple[Instant, int, int, int, int, int, int, int, int]
"""(minute, brand, account, received, inbound, outbound, questions, negative, to_answer); ``minute`` is its start."""

PromiseRow = tuple[Instant, int, str, int, int, int, int, int]
"""(due minute, brand, metric, made, met, late, cancelled, dropped).

Each commitment is counted once, under the minute it falls due: ``made`` when it starts, and at most one of ``met``
(answered by the due moment), ``late`` (answered after it), ``cancelled`` (called off before it) and ``dropped``
(called off at or after it: missed, but nobody waits any more).
"""

AnswerRow = tuple[Instant, int, int, int, int]
"""(hour the promise started, brand, bucket of the elapsed time, answers, given_up).

First responses only. ``answers`` were answered after that long, ``given_up`` were called off after that long
(they are censored there). The bucket is ``analytics.logic.buckets.bucket_of`` of the wall-clock time elapsed; in the
bucket ``MADE``, ``answers`` counts the promises that began.
"""

_MINUTE, _HOUR = 60 * 1_000_000, 3600 * 1_000_000
_VOLUME_COUNTS = ("received", "inbound", "outbound", "questions", "negative", "to_answer")
_PROMISE_COUNTS = ("made", "met", "late", "cancelled", "dropped")
_ANSWER_COUNTS = ("answers", "given_up")


def _addition(table: str, keys: dict[str, str], counts: Sequence[str]) -> str:
    names = [*keys, *counts]
    arrays = [*keys.values(), *("int" for _ in counts)]
    return (
        f"INSERT INTO {table} AS r (worker, {', '.join(names)}) SELECT %s, * FROM unnest("
        + ", ".join(f"%s::{kind}[]" for kind in arrays)
        + f") ON CONFLICT (worker, {', '.join(keys)}) DO UPDATE SET "
        + ", ".join(f"{name} = r.{name} + excluded.{name}" for name in counts)
    )


_ACCOUNT = {"brand_id": "int", "account_id": "int"}
_METRIC = {"brand_id": "int", "metric": "text"}
_VOLUME = _addition("rollup_volume", {"minute": "timestamptz", **_ACCOUNT}, _VOLUME_COUNTS)
_VOLUME_HOUR = _addition("rollup_volume_hour", {"hour": "timestamptz", **_ACCOUNT}, _VOLUME_COUNTS)
_PROMISE = _addition("rollup_promise", {"due_minute": "timestamptz", **_METRIC}, _PROMISE_COUNTS)
_PROMISE_HOUR = _addition("rollup_promise_hour", {"due_hour": "timestamptz", **_METRIC}, _PROMISE_COUNTS)
_ANSWER = _addition(
    "rollup_answer", {"started_hour": "timestamptz", "brand_id": "int", "bucket": "int"}, _ANSWER_COUNTS
)


def add_volume(conn: Connection[Any], worker: int, rows: Iterable[VolumeRow]) -> None:
    """Adds posts to the minutes of their accounts, and to the hours."""
    kept = list(rows)
    _add(conn, _VOLUME, worker, kept, _MINUTE)
    _add(conn, _VOLUME_HOUR, worker, kept, _HOUR)


def add_promises(conn: Connection[Any], worker: int, rows: Iterable[PromiseRow]) -> None:
    """Adds promises to the minutes they fall due in, and to the hours."""
    kept = list(rows)
    _add(conn, _PROMISE, worker, kept, _MINUTE)
    _add(conn, _PROMISE_HOUR, worker, kept, _HOUR)


def add_answers(conn: Connection[Any], worker: int, rows: Iterable[AnswerRow]) -> None:
    """Adds first responses to the hours they were promised in."""
    _add(conn, _ANSWER, worker, list(rows), _HOUR)


def _add(
    conn: Connection[Any], statement: str, worker: int, rows: Sequence[tuple[Any, ...]], grain: Instant
) -> None:
    """Sums rows of one key (all have three parts, the first a time) and adds them in order of key."""
    summed: dict[tuple[Any, ...], list[int]] = {}
    for at, brand, thing, *deltas in rows:
        key = (at - at % grain, brand, thing)
        held = summed.get(key)
        summed[key] = deltas if held is None else [a + b for a, b in zip(held, deltas, strict=True)]
    if not summed:
        return
    columns = zip(
        *((to_datetime(key[0]), *key[1:], *counts) for key, counts in sorted(summed.items())), strict=True
    )
    conn.execute(statement, [worker, *map(list, columns)])
