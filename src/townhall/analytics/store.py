"""The rollups' own SQL: sorted, set-based additions to rows of one writer.

Deltas may be negative (a promise moved to another minute is taken from the old one). Keys may repeat within a call.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from townhall.analytics.logic.buckets import ANSWER_SLOT
from townhall.kernel.clock import Instant, to_datetime

PEOPLE = -1
"""The writer's number of acts by people (the web role). Pipeline workers are 0 and up."""

VolumeRow = tuple[Instant, int, int, int, int, int, int, int, int, int, int]
"""(minute, brand, account, received, inbound, outbound, questions, negative, positive, unsure, to_answer); ``minute`` is its
start. Of posts from outside, ``negative`` and ``positive`` are those whose feeling is sure enough, ``unsure`` those where it
is not; the rest of them is neutral."""

PromiseRow = tuple[Instant, int, str, str, int, int, int, int, int]
"""(due minute, brand, metric, queue, made, met, late, cancelled, dropped).

Each commitment is counted once, under the minute it falls due and the queue it waits or waited in: ``made`` when it starts,
and at most one of ``met`` (answered by the due moment), ``late`` (answered after it), ``cancelled`` (called off before it) and
``dropped`` (called off at or after it: missed, but nobody waits any more).
"""

AnswerRow = tuple[Instant, int, int, int, int]
"""(five minutes the promise started in, brand, bucket of the elapsed time, answers, given_up).

First responses only. ``answers`` were answered after that long, ``given_up`` were called off after that long
(they are censored there). The bucket is ``analytics.logic.buckets.bucket_of`` of the wall-clock time elapsed; in the
bucket ``MADE``, ``answers`` counts the promises that began.
"""

_MINUTE, _HOUR = 60 * 1_000_000, 3600 * 1_000_000
_VOLUME_COUNTS = (
    "received", "inbound", "outbound", "questions", "negative", "positive", "unsure", "to_answer",
)  # fmt: skip
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
_QUEUE = {"brand_id": "int", "metric": "text", "queue": "text"}
_BUCKET = {"brand_id": "int", "bucket": "int"}
_VOLUME = _addition("rollup_volume", {"minute": "timestamptz", **_ACCOUNT}, _VOLUME_COUNTS)
_VOLUME_HOUR = _addition("rollup_volume_hour", {"hour": "timestamptz", **_ACCOUNT}, _VOLUME_COUNTS)
_PROMISE = _addition("rollup_promise", {"due_minute": "timestamptz", **_QUEUE}, _PROMISE_COUNTS)
_PROMISE_HOUR = _addition("rollup_promise_hour", {"due_hour": "timestamptz", **_QUEUE}, _PROMISE_COUNTS)
_WAITING = _addition("rollup_waiting", _QUEUE, ("waiting",))
_ANSWER = _addition("rollup_answer", {"started_hour": "timestamptz", **_BUCKET}, _ANSWER_COUNTS)
_ANSWER_SLOT = _addition("rollup_answer_slot", {"started_slot": "timestamptz", **_BUCKET}, _ANSWER_COUNTS)


def add_volume(conn: Connection[Any], worker: int, rows: Iterable[VolumeRow]) -> None:
    """Adds posts to the minutes of their accounts, and to the hours."""
    kept = list(rows)
    _add(conn, _VOLUME, worker, _by_time(kept, 3, _MINUTE))
    _add(conn, _VOLUME_HOUR, worker, _by_time(kept, 3, _HOUR))


def add_promises(conn: Connection[Any], worker: int, rows: Iterable[PromiseRow]) -> None:
    """Adds promises to the minutes they fall due in, to the hours, and to what waits in each queue."""
    kept = list(rows)
    _add(conn, _PROMISE, worker, _by_time(kept, 4, _MINUTE))
    _add(conn, _PROMISE_HOUR, worker, _by_time(kept, 4, _HOUR))
    _add(conn, _WAITING, worker, _waiting(kept))


def add_answers(conn: Connection[Any], worker: int, rows: Iterable[AnswerRow]) -> None:
    """Adds first responses to the five minutes they were promised in, and to the hours."""
    kept = list(rows)
    _add(conn, _ANSWER_SLOT, worker, _by_time(kept, 3, ANSWER_SLOT))
    _add(conn, _ANSWER, worker, _by_time(kept, 3, _HOUR))


Summed = dict[tuple[Any, ...], list[int]]


def _by_time(rows: Sequence[tuple[Any, ...]], parts: int, grain: Instant) -> Summed:
    """Rows of one key summed; a key has so many ``parts``, the first a time that is cut to its grain."""
    summed: Summed = {}
    for row in rows:
        key, deltas = (row[0] - row[0] % grain, *row[1:parts]), row[parts:]
        held = summed.get(key)
        summed[key] = list(deltas) if held is None else [a + b for a, b in zip(held, deltas, strict=True)]
    return {(to_datetime(key[0]), *key[1:]): counts for key, counts in sorted(summed.items())}


def _waiting(rows: Sequence[PromiseRow]) -> Summed:
    """How many more wait, by metric and queue of a brand; what does not change is left out."""
    summed: Summed = {}
    for _, brand, metric, queue, made, *ended in rows:
        summed.setdefault((brand, metric, queue), [0])[0] += made - sum(ended)
    return {key: counts for key, counts in sorted(summed.items()) if counts[0]}


def _add(conn: Connection[Any], statement: str, worker: int, summed: Summed) -> None:
    """Adds in order of key."""
    if summed:
        columns = zip(*((*key, *counts) for key, counts in summed.items()), strict=True)
        conn.execute(statement, [worker, *map(list, columns)])
