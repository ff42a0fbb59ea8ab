"""The figures of the registry: each has one statement, used by card, table, API and CSV alike, and one for its rows.

Periods end at the last whole minute, because that is the grain of the rollups; every statement takes the same names
(``Span``), so that a figure and its rows speak of the same time.
"""

from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from psycopg import Connection

from townhall.analytics.logic.figures import Measure
from townhall.analytics.metrics import METRICS
from townhall.database.instants import reader
from townhall.kernel.clock import DAY, HOUR, MINUTE, Instant, from_datetime, to_datetime
from townhall.kernel.errors import NotFound
from townhall.kernel.ids import id_at

ROWS = 500
"""How many rows behind a figure are shown."""

_ATTAINMENT = """
WITH past AS (
    SELECT met, late, made - met - late - cancelled AS missed FROM rollup_promise_hour
    WHERE brand_id = %(brand)s AND due_hour >= %(from_hour)s AND due_hour < %(hour)s
    UNION ALL
    SELECT met, late, made - met - late - cancelled FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= %(from)s AND due_minute < least(%(from_hour)s, %(minute)s)
    UNION ALL
    SELECT met, late, made - met - late - cancelled FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= greatest(%(hour)s, %(from_hour)s) AND due_minute < %(minute)s
), coming AS (
    SELECT made - met - late - cancelled - dropped AS running FROM rollup_promise_hour
    WHERE brand_id = %(brand)s AND due_hour > %(hour)s
    UNION ALL
    SELECT made - met - late - cancelled - dropped FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= %(minute)s AND due_minute < %(next_hour)s
)
SELECT coalesce(sum(met), 0), coalesce(sum(late), 0), coalesce(sum(missed), 0),
    (SELECT coalesce(sum(running), 0) FROM coming) FROM past
"""
_ATTAINMENT_ROWS = """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND due_at >= %(from)s AND due_at < %(minute)s AND cause <> 'undone'
    AND NOT (cancelled_at IS NOT NULL AND cancelled_at < due_at)
ORDER BY (satisfied_at IS NOT NULL AND satisfied_at <= due_at), due_at DESC LIMIT %(rows)s
"""
_WAITING = """
SELECT coalesce(sum(made - met - late - cancelled - dropped), 0),
    coalesce(sum(made - met - late - cancelled - dropped) FILTER (WHERE due_hour < %(hour)s), 0)
        + (SELECT coalesce(sum(made - met - late - cancelled - dropped), 0) FROM rollup_promise
           WHERE brand_id = %(brand)s AND due_minute >= %(hour)s AND due_minute < %(minute)s),
    coalesce((SELECT (extract(epoch FROM started_at) * 1000000)::bigint FROM commitment
        WHERE brand_id = %(brand)s AND satisfied_at IS NULL AND cancelled_at IS NULL ORDER BY due_at LIMIT 1), 0)
FROM rollup_promise_hour WHERE brand_id = %(brand)s
"""
_WAITING_ROWS = """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND satisfied_at IS NULL AND cancelled_at IS NULL ORDER BY due_at, id LIMIT %(rows)s
"""
_FIRST = """
WITH day AS (
    SELECT * FROM rollup_answer
    WHERE brand_id = %(brand)s AND started_hour > %(day_before)s AND started_hour <= %(hour)s
)
SELECT 'epoch'::timestamptz, bucket, sum(answers)::bigint, sum(given_up)::bigint FROM day
WHERE bucket >= 0 GROUP BY bucket
UNION ALL
SELECT started_hour, -1, sum(CASE WHEN bucket < 0 THEN answers ELSE - answers - given_up END)::bigint, 0 FROM day
GROUP BY started_hour
"""
_FIRST_ROWS = """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND metric = 'first_response' AND started_at >= %(day_before)s + interval '1 hour'
    AND cause <> 'undone'
ORDER BY started_at DESC LIMIT %(rows)s
"""
_POSTS = """
SELECT account_id, 0, minute, sum(received)::bigint FROM rollup_volume
WHERE brand_id = %(brand)s AND minute >= %(hour_ago)s AND minute < %(minute)s GROUP BY account_id, minute
UNION ALL
SELECT account_id, week, hour, sum(received)::bigint
FROM generate_series(1, 8) week JOIN rollup_volume_hour
    ON brand_id = %(brand)s AND hour = %(middle_hour)s::timestamptz - week * interval '7 days'
GROUP BY account_id, week, hour ORDER BY 1, 2, 3
"""
_POSTS_ROWS = """
SELECT id, thread_id, account_id, direction, published_at, received_at FROM interaction
WHERE brand_id = %(brand)s AND id >= %(first_id)s AND published_at >= %(hour_ago)s AND published_at < %(minute)s
ORDER BY id DESC LIMIT %(rows)s
"""
_HELD = """
SELECT h.why, count(*), min(h.held_at) FROM release r JOIN hold h ON h.release_id = r.id
WHERE r.brand_id = %(brand)s AND r.state = 'held' AND h.ended_at IS NULL GROUP BY h.why ORDER BY count(*) DESC, h.why
"""
_HELD_ROWS = """
SELECT r.id, r.case_id, r.author, h.why, h.held_at, h.expires_at FROM release r JOIN hold h ON h.release_id = r.id
WHERE r.brand_id = %(brand)s AND r.state = 'held' AND h.ended_at IS NULL ORDER BY h.held_at LIMIT %(rows)s
"""
_SOON = """
SELECT 'missed', %(minute)s::timestamptz, coalesce(sum(n), 0) FROM (
    SELECT made - met - late - cancelled - dropped AS n FROM rollup_promise_hour
    WHERE brand_id = %(brand)s AND due_hour < %(hour)s
    UNION ALL
    SELECT made - met - late - cancelled - dropped FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= %(hour)s AND due_minute < %(minute)s) late
UNION ALL
SELECT 'due', due_minute, sum(made - met - late - cancelled - dropped) FROM rollup_promise
WHERE brand_id = %(brand)s AND due_minute >= %(minute)s AND due_minute < %(half_hour)s GROUP BY due_minute
UNION ALL
SELECT 'answers', %(minute)s, coalesce(sum(outbound), 0) FROM rollup_volume
WHERE brand_id = %(brand)s AND minute >= %(half_hour_ago)s AND minute < %(minute)s
"""
_SOON_ROWS = """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND satisfied_at IS NULL AND cancelled_at IS NULL AND due_at >= %(minute)s
    AND due_at < %(half_hour)s ORDER BY due_at, id LIMIT %(rows)s
"""

STATEMENTS: dict[str, tuple[str, str]] = {
    "promises_now": (_ATTAINMENT, _ATTAINMENT_ROWS),
    "promises_today": (_ATTAINMENT, _ATTAINMENT_ROWS),
    "promises_week": (_ATTAINMENT, _ATTAINMENT_ROWS),
    "waiting": (_WAITING, _WAITING_ROWS),
    "first_response": (_FIRST, _FIRST_ROWS),
    "posts_hour": (_POSTS, _POSTS_ROWS),
    "held": (_HELD, _HELD_ROWS),
    "will_be_missed": (_SOON, _SOON_ROWS),
}
"""Metric → (the statement that measures it, the statement of the rows behind it)."""


class Behind(Struct, frozen=True):
    """The rows behind a figure, at most ``ROWS``: column names, and values (times as instants)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def span(name: str, brand: int, zone: str, now: Instant) -> dict[str, Any]:
    """The names that every statement of a figure takes."""
    minute, hour = now - now % MINUTE, now - now % HOUR
    start = {"promises_today": midnight(zone, now), "promises_week": minute - 7 * DAY}.get(
        name, minute - HOUR
    )
    middle = minute - HOUR // 2
    times = {
        "from": start,
        "from_hour": start + -start % HOUR,
        "minute": minute,
        "hour": hour,
        "next_hour": hour + HOUR,
        "hour_ago": minute - HOUR,
        "day_before": hour - DAY,
        "half_hour": minute + HOUR // 2,
        "half_hour_ago": minute - HOUR // 2,
        "middle_hour": middle - middle % HOUR,
    }
    return {"brand": brand, **{word: to_datetime(at) for word, at in times.items()}}


def midnight(zone: str, now: Instant) -> Instant:
    """When today began in a zone."""
    local = to_datetime(now).astimezone(ZoneInfo(zone))
    return from_datetime(local.replace(hour=0, minute=0, second=0, microsecond=0))


def fetch(conn: Connection[Any], name: str, brand: int, zone: str, now: Instant) -> list[tuple[Any, ...]]:
    """What a figure's one statement gives. Raises ``NotFound`` for a name that is not in the registry."""
    if name not in METRICS:
        raise NotFound(f"There is no figure named {name}.")
    return reader(conn).execute(STATEMENTS[name][0], span(name, brand, zone, now), prepare=True).fetchall()


def measure(conn: Connection[Any], name: str, brand: int, zone: str, now: Instant) -> Measure:
    """A figure, for whoever shows it. Raises ``NotFound``."""
    return METRICS[name].compute(fetch(conn, name, brand, zone, now), now)


def behind(conn: Connection[Any], name: str, brand: int, zone: str, now: Instant) -> Behind:
    """The rows behind a figure. Raises ``NotFound``."""
    if name not in METRICS:
        raise NotFound(f"There is no figure named {name}.")
    asked = {**span(name, brand, zone, now), "rows": ROWS, "first_id": id_at(now - HOUR - MINUTE)}
    cursor = reader(conn).execute(STATEMENTS[name][1], asked)
    columns = tuple(column.name for column in cursor.description or ())
    return Behind(columns, tuple(cursor.fetchall()))
