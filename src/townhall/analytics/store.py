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

PromiseRow = tuple[Instant, int, str, int, int, int, int]
"""(due minute, brand, metric, made, met, late, cancelled).

Each commitment is counted once, under the minute it falls due: ``made`` when it starts, and at most one of ``met``
(answered by the due moment), ``late`` (answered after it) and ``cancelled`` (called off *before* it). One called off
after it was missed stays missed: neither ``late`` nor ``cancelled``.
"""

AnswerRow = tuple[Instant, int, int, int, int]
"""(hour the promise started, brand, bucket of the elapsed time, answers, given_up).

First responses only. ``answers`` were answered after that long, ``given_up`` were called off after that long
(they are censored there). The bucket is ``analytics.logic.buckets.bucket_of`` of the wall-clock time elapsed.
"""

_VOLUME = """
INSERT INTO rollup_volume AS r
    (worker, minute, brand_id, account_id, received, inbound, outbound, questions, negative, to_answer)
SELECT %s, * FROM unnest(%s::timestamptz[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[])
ON CONFLICT (worker, minute, brand_id, account_id) DO UPDATE SET
    received = r.received + excluded.received, inbound = r.inbound + excluded.inbound,
    outbound = r.outbound + excluded.outbound, questions = r.questions + excluded.questions,
    negative = r.negative + excluded.negative, to_answer = r.to_answer + excluded.to_answer
"""
_PROMISE = """
INSERT INTO rollup_promise AS r (worker, due_minute, brand_id, metric, made, met, late, cancelled)
SELECT %s, * FROM unnest(%s::timestamptz[], %s::int[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[])
ON CONFLICT (worker, due_minute, brand_id, metric) DO UPDATE SET
    made = r.made + excluded.made, met = r.met + excluded.met,
    late = r.late + excluded.late, cancelled = r.cancelled + excluded.cancelled
"""
_ANSWER = """
INSERT INTO rollup_answer AS r (worker, started_hour, brand_id, bucket, answers, given_up)
SELECT %s, * FROM unnest(%s::timestamptz[], %s::int[], %s::int[], %s::int[], %s::int[])
ON CONFLICT (worker, started_hour, brand_id, bucket) DO UPDATE SET
    answers = r.answers + excluded.answers, given_up = r.given_up + excluded.given_up
"""


def add_volume(conn: Connection[Any], worker: int, rows: Iterable[VolumeRow]) -> None:
    """Adds posts to the minutes of their accounts."""
    _add(conn, _VOLUME, worker, rows, keys=3)


def add_promises(conn: Connection[Any], worker: int, rows: Iterable[PromiseRow]) -> None:
    """Adds promises to the minutes they fall due in."""
    _add(conn, _PROMISE, worker, rows, keys=3)


def add_answers(conn: Connection[Any], worker: int, rows: Iterable[AnswerRow]) -> None:
    """Adds first responses to the hours they were promised in."""
    _add(conn, _ANSWER, worker, rows, keys=3)


def _add(
    conn: Connection[Any], statement: str, worker: int, rows: Iterable[Sequence[Any]], keys: int
) -> None:
    summed: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        held = summed.get(row[:keys])  # type: ignore[call-overload]
        if held is None:
            summed[tuple(row[:keys])] = list(row[keys:])
        else:
            for n, delta in enumerate(row[keys:]):
                held[n] += delta
    if not summed:
        return
    columns = zip(
        *((to_datetime(key[0]), *key[1:], *deltas) for key, deltas in sorted(summed.items())), strict=True
    )
    conn.execute(statement, [worker, *map(list, columns)])
