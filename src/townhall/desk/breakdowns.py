"""The tables below the figures: one statement each, and one for the rows behind a line.

They speak of the same time, to the whole minute, as the figures of their period. Why promises were missed is no statement
but a reckoning, and is in ``flow.why_missed``.
"""

from collections.abc import Callable
from typing import Any

from psycopg import Connection

from townhall.analytics.breakdowns import BREAKDOWNS, Table
from townhall.analytics.logic.interval import share
from townhall.analytics.periods import WORDS, Period
from townhall.database.instants import reader
from townhall.desk.figures import COMING, ROWS, Behind, names, rows_of
from townhall.enrich.logic.feeling import SURE
from townhall.kernel.clock import MINUTE, Instant
from townhall.kernel.errors import NotFound
from townhall.kernel.ids import id_at

TABLES = ("channels", "queues", "feelings")
"""Measured with every reading of the page, in this order."""
ASKED = (*TABLES, "promises")
"""All that a statement gives; those that are not measured with the page are asked for when they come into view."""

Row = tuple[Any, ...]

_COUNTS = "received, inbound, questions, to_answer, negative, positive, unsure"
_VOLUME = f"""
WITH past AS (
    SELECT account_id, {_COUNTS} FROM rollup_volume_hour
    WHERE brand_id = %(brand)s AND hour >= %(from_hour)s AND hour < %(hour)s
    UNION ALL
    SELECT account_id, {_COUNTS} FROM rollup_volume
    WHERE brand_id = %(brand)s AND minute >= %(from)s AND minute < %(from_hour)s
    UNION ALL
    SELECT account_id, {_COUNTS} FROM rollup_volume
    WHERE brand_id = %(brand)s AND minute >= greatest(%(hour)s, %(from_hour)s) AND minute < %(minute)s
)"""
_CHANNELS = f"""{_VOLUME}, counted AS (
    SELECT account_id, sum(received) AS received, sum(inbound) AS inbound, sum(questions) AS questions,
        sum(to_answer) AS to_answer, sum(negative) AS negative, sum(inbound - unsure) AS judged FROM past GROUP BY account_id
)
SELECT a.id, a.channel, a.handle, coalesce(c.received, 0)::bigint, coalesce(c.inbound, 0)::bigint,
    coalesce(c.questions, 0)::bigint, coalesce(c.to_answer, 0)::bigint, coalesce(c.negative, 0)::bigint,
    coalesce(c.judged, 0)::bigint
FROM account a LEFT JOIN counted c ON c.account_id = a.id WHERE a.brand_id = %(brand)s
ORDER BY coalesce(c.received, 0) DESC, a.channel, a.handle
"""
_FEELINGS = f"""{_VOLUME}
SELECT coalesce(sum(negative), 0)::bigint, coalesce(sum(inbound - negative - positive - unsure), 0)::bigint,
    coalesce(sum(positive), 0)::bigint, coalesce(sum(unsure), 0)::bigint FROM past
"""
_DUE = """
WITH past AS (
    SELECT queue, metric, met, made - cancelled AS due FROM rollup_promise_hour
    WHERE brand_id = %(brand)s AND due_hour >= %(from_hour)s AND due_hour < %(hour)s
    UNION ALL
    SELECT queue, metric, met, made - cancelled FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= %(from)s AND due_minute < %(from_hour)s
    UNION ALL
    SELECT queue, metric, met, made - cancelled FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= greatest(%(hour)s, %(from_hour)s) AND due_minute < %(minute)s
)"""
_PROMISES = f"""{_DUE}
SELECT metric, replace(metric, '_', ' '), sum(met)::bigint, sum(due)::bigint FROM past
GROUP BY metric HAVING sum(due) <> 0 ORDER BY sum(due) DESC, metric
"""
_QUEUES = f"""{_DUE}, coming AS ({COMING}), counted AS (
    SELECT queue, sum(waiting) AS waiting, sum(missed) AS missed, sum(met) AS met, sum(due) AS due FROM (
        SELECT queue, waiting, waiting AS missed, 0 AS met, 0 AS due FROM rollup_waiting WHERE brand_id = %(brand)s
        UNION ALL SELECT queue, 0, - running, 0, 0 FROM coming
        UNION ALL SELECT queue, 0, 0, met, due FROM past
    ) parts GROUP BY queue
)
SELECT c.queue, coalesce(q.title, c.queue), c.waiting::bigint, c.missed::bigint, c.met::bigint, c.due::bigint
FROM counted c LEFT JOIN queue q ON q.brand_id = %(brand)s AND q.slug = c.queue
WHERE c.waiting <> 0 OR c.due <> 0 ORDER BY c.missed DESC, c.waiting DESC, c.due DESC, c.queue
"""
_POSTS_ROWS = """
SELECT id, thread_id, account_id, direction, sentiment, round(certainty::numeric, 2)::float8 AS certainty, published_at,
    received_at
FROM interaction WHERE brand_id = %(brand)s AND id >= %(first_id)s AND published_at >= %(from)s
    AND published_at < %(minute)s AND """
_ROWS = {
    "channels": _POSTS_ROWS + "account_id = %(key)s ORDER BY id DESC LIMIT %(rows)s",
    "feelings": _POSTS_ROWS + "direction = 'in' AND CASE WHEN %(key)s = 'unsure' THEN certainty < %(sure)s"
    " ELSE certainty >= %(sure)s AND sentiment = CASE %(key)s WHEN 'negative' THEN -1 WHEN 'positive' THEN 1 ELSE 0 END END"
    " ORDER BY id DESC LIMIT %(rows)s",
    "queues": """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND queue = %(key)s AND cause <> 'undone'
    AND ((satisfied_at IS NULL AND cancelled_at IS NULL)
        OR (due_at >= %(from)s AND due_at < %(minute)s AND NOT (cancelled_at IS NOT NULL AND cancelled_at < due_at)))
ORDER BY (satisfied_at IS NOT NULL OR cancelled_at IS NOT NULL), due_at, id LIMIT %(rows)s
""",
    "promises": """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND metric = %(key)s AND cause <> 'undone' AND due_at >= %(from)s AND due_at < %(minute)s
    AND NOT (cancelled_at IS NOT NULL AND cancelled_at < due_at)
ORDER BY coalesce(satisfied_at <= due_at, false), due_at, id LIMIT %(rows)s
""",
}
FEELINGS = ("negative", "neutral", "positive", "unsure")


def table(conn: Connection[Any], name: str, brand: int, period: Period, now: Instant) -> Table:
    """One of ``ASKED`` for a period. Raises ``NotFound`` for another name."""
    if name not in ASKED:
        raise NotFound(f"There is no table named {name}.")
    statement, lines = _MEASURED[name]
    found = reader(conn).execute(statement, _span(brand, period, now), prepare=True, binary=True).fetchall()
    return table_of(name, period, now, tuple(lines(found)))


def table_of(name: str, period: Period, now: Instant, rows: tuple[Row, ...]) -> Table:
    """Lines as a table of that time."""
    until = now - now % MINUTE
    return Table(BREAKDOWNS[name], WORDS[period.length], until - period.length, until, rows)


def behind(
    conn: Connection[Any], name: str, key: str, brand: int, period: Period, now: Instant, most: int = ROWS
) -> Behind:
    """The rows behind one line, at most so many. Raises ``NotFound`` for no such table or line."""
    if name not in ASKED or not _may_be(name, key):
        raise NotFound("There is no such line.")
    asked = {
        **_span(brand, period, now), "key": int(key) if name == "channels" else key, "sure": SURE,
        "first_id": id_at(now - period.length - MINUTE),
    }  # fmt: skip
    return rows_of(conn, _ROWS[name], asked, most)


def statement(name: str) -> str:
    """The one statement of a table."""
    return _MEASURED[name][0].strip()


def _may_be(name: str, key: str) -> bool:
    if name == "channels":
        return key.isascii() and key.isdecimal() and len(key) < 10
    return key in FEELINGS if name == "feelings" else len(key) <= 64 and "\x00" not in key


def _span(brand: int, period: Period, now: Instant) -> dict[str, Any]:
    return names(brand, now - now % MINUTE - period.length, period.length, now)


def _channel_lines(rows: list[Row]) -> list[Row]:
    return [(*row, *_share(row[7], row[8])) for row in rows]


def _queue_lines(rows: list[Row]) -> list[Row]:
    return [(*row, round(100 * row[4] / row[5], 1) if row[5] else None) for row in rows]


def _promise_lines(rows: list[Row]) -> list[Row]:
    return [(*row, round(100 * row[2] / row[3], 1)) for row in rows]


def _feeling_lines(rows: list[Row]) -> list[Row]:
    *sure, unsure = rows[0]
    judged = sum(sure)
    told = [(name, n, judged, *_share(n, judged)) for name, n in zip(FEELINGS, sure, strict=False)]
    return [*told, ("unsure", unsure, judged + unsure, None, None, None)]


def _share(part: int, whole: int) -> tuple[float | None, float | None, float | None]:
    found = share(part, whole)
    return (found.percent, found.low, found.high) if found else (None, None, None)


_MEASURED: dict[str, tuple[str, Callable[[list[Row]], list[Row]]]] = {
    "channels": (_CHANNELS, _channel_lines),
    "queues": (_QUEUES, _queue_lines),
    "feelings": (_FEELINGS, _feeling_lines),
    "promises": (_PROMISES, _promise_lines),
}
