"""The figures of the registry: each has one statement, used by card, table, API and CSV alike, and one for its rows.

Periods end at the last whole minute, because that is the grain of the rollups; every statement takes the same names
(``Span``), so that a figure and its rows speak of the same time.
"""

from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from psycopg import Connection

from townhall.analytics.logic.buckets import ANSWER_SLOT
from townhall.analytics.logic.figures import Measure
from townhall.analytics.metrics import METRICS
from townhall.database.instants import reader
from townhall.kernel.clock import HOUR, MINUTE, Instant, from_datetime, to_datetime
from townhall.kernel.errors import NotFound
from townhall.kernel.ids import id_at

ROWS = 500
"""How many rows behind a figure are shown."""
FILE_ROWS = 50_000
"""How many a file holds at most."""

COMING = """
    SELECT queue, made - met - late - cancelled - dropped AS running FROM rollup_promise_hour
    WHERE brand_id = %(brand)s AND due_hour > %(hour)s
    UNION ALL
    SELECT queue, made - met - late - cancelled - dropped FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= %(minute)s AND due_minute < %(next_hour)s
"""
"""What is not due yet, by queue: what waits and is not among it is missed. The past need not be read for that."""
_ATTAINMENT = f"""
WITH past AS (
    SELECT met, late, made - met - late - cancelled AS missed FROM rollup_promise_hour
    WHERE brand_id = %(brand)s AND due_hour >= %(from_hour)s AND due_hour < %(hour)s
    UNION ALL
    SELECT met, late, made - met - late - cancelled FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= %(from)s AND due_minute < least(%(from_hour)s, %(minute)s)
    UNION ALL
    SELECT met, late, made - met - late - cancelled FROM rollup_promise
    WHERE brand_id = %(brand)s AND due_minute >= greatest(%(hour)s, %(from_hour)s) AND due_minute < %(minute)s
), coming AS ({COMING})
SELECT coalesce(sum(met), 0), coalesce(sum(late), 0), coalesce(sum(missed), 0),
    (SELECT coalesce(sum(running), 0) FROM coming) FROM past
"""
_ATTAINMENT_ROWS = """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND due_at >= %(from)s AND due_at < %(minute)s AND cause <> 'undone'
    AND NOT (cancelled_at IS NOT NULL AND cancelled_at < due_at)
ORDER BY (satisfied_at IS NOT NULL AND satisfied_at <= due_at), due_at DESC LIMIT %(rows)s
"""
_WAITING = f"""
WITH coming AS ({COMING})
SELECT coalesce(sum(waiting), 0), coalesce(sum(waiting), 0) - (SELECT coalesce(sum(running), 0) FROM coming),
    coalesce((SELECT (extract(epoch FROM started_at) * 1000000)::bigint FROM commitment
        WHERE brand_id = %(brand)s AND satisfied_at IS NULL AND cancelled_at IS NULL ORDER BY due_at LIMIT 1), 0)
FROM rollup_waiting WHERE brand_id = %(brand)s
"""
_WAITING_ROWS = """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND satisfied_at IS NULL AND cancelled_at IS NULL ORDER BY due_at, id LIMIT %(rows)s
"""


def _first(table: str, begun: str) -> str:
    """Ends by bucket under the time 0, and what is left open of each beginning under the bucket -1, in one pass."""
    return f"""
SELECT CASE WHEN grouping({begun}) = 1 THEN 'epoch'::timestamptz ELSE {begun} END,
    CASE WHEN grouping(bucket) = 1 THEN -1 ELSE bucket END,
    (CASE WHEN grouping(bucket) = 1 THEN sum(CASE WHEN bucket < 0 THEN answers ELSE - answers - given_up END)
        ELSE sum(answers) END)::bigint,
    (CASE WHEN grouping(bucket) = 1 THEN 0 ELSE sum(given_up) END)::bigint
FROM {table} WHERE brand_id = %(brand)s AND {begun} >= %(first_from)s AND {begun} < %(next_hour)s
GROUP BY GROUPING SETS (({begun}), (bucket)) HAVING grouping(bucket) = 1 OR bucket >= 0
"""


_FIRST, _FIRST_FINE = _first("rollup_answer", "started_hour"), _first("rollup_answer_slot", "started_slot")
_FIRST_ROWS = """
SELECT id, case_id, metric, started_at, due_at, satisfied_at, cancelled_at, cause FROM commitment
WHERE brand_id = %(brand)s AND metric = 'first_response' AND started_at >= %(first_from)s AND cause <> 'undone'
ORDER BY started_at DESC LIMIT %(rows)s
"""
_USUAL = """
UNION ALL
SELECT account_id, week, %(usual_from)s::timestamptz - week * interval '7 days', sum(received)::bigint
FROM weeks JOIN rollup_volume_hour ON brand_id = %(brand)s
    AND hour >= %(usual_from)s::timestamptz - week * interval '7 days'
    AND hour < %(usual_until)s::timestamptz - week * interval '7 days'
GROUP BY account_id, week
UNION ALL
SELECT 0, week, %(usual_from)s::timestamptz - week * interval '7 days', 0 FROM weeks
ORDER BY 1, 2, 3
"""
_WEEKS = """
WITH weeks AS (
    SELECT week FROM generate_series(1, 8) week WHERE %(usual_from)s::timestamptz - week * interval '7 days' >=
        (SELECT hour FROM rollup_volume_hour WHERE brand_id = %(brand)s ORDER BY hour LIMIT 1)
)"""
_POSTS = f"""{_WEEKS}
SELECT account_id, 0, minute, sum(received)::bigint FROM rollup_volume
WHERE brand_id = %(brand)s AND minute >= %(from)s AND minute < %(minute)s GROUP BY account_id, minute
{_USUAL}"""
_POSTS_LONG = f"""{_WEEKS}, past AS (
    SELECT account_id, hour AS at, received FROM rollup_volume_hour
    WHERE brand_id = %(brand)s AND hour >= %(from_hour)s AND hour < %(hour)s
    UNION ALL
    SELECT account_id, date_bin('1 hour', minute, 'epoch'), received FROM rollup_volume
    WHERE brand_id = %(brand)s AND minute >= %(from)s AND minute < %(from_hour)s
    UNION ALL
    SELECT account_id, %(hour)s::timestamptz, received FROM rollup_volume
    WHERE brand_id = %(brand)s AND minute >= %(hour)s AND minute < %(minute)s
)
SELECT account_id, 0, at, sum(received)::bigint FROM past GROUP BY account_id, at
{_USUAL}"""
_POSTS_ROWS = """
SELECT id, thread_id, account_id, direction, published_at, received_at FROM interaction
WHERE brand_id = %(brand)s AND id >= %(first_id)s AND published_at >= %(from)s AND published_at < %(minute)s
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
_SOON = f"""
WITH coming AS ({COMING})
SELECT 'missed', %(minute)s::timestamptz,
    (SELECT coalesce(sum(waiting), 0) FROM rollup_waiting WHERE brand_id = %(brand)s)
    - (SELECT coalesce(sum(running), 0) FROM coming)
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
    "promises_day": (_ATTAINMENT, _ATTAINMENT_ROWS),
    "promises_today": (_ATTAINMENT, _ATTAINMENT_ROWS),
    "promises_week": (_ATTAINMENT, _ATTAINMENT_ROWS),
    "waiting": (_WAITING, _WAITING_ROWS),
    "first_response_hour": (_FIRST_FINE, _FIRST_ROWS),
    "first_response": (_FIRST, _FIRST_ROWS),
    "first_response_week": (_FIRST, _FIRST_ROWS),
    "posts_hour": (_POSTS, _POSTS_ROWS),
    "posts_day": (_POSTS_LONG, _POSTS_ROWS),
    "posts_week": (_POSTS_LONG, _POSTS_ROWS),
    "held": (_HELD, _HELD_ROWS),
    "will_be_missed": (_SOON, _SOON_ROWS),
}
"""Metric → (the statement that measures it, the statement of the rows behind it)."""


class Behind(Struct, frozen=True):
    """The first rows behind a figure, of ``total``: column names, and values (times as instants)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int

    @property
    def cut(self) -> str:
        """In words, how many of how many are here; "" when all are."""
        return f"the first {len(self.rows):,} of {self.total:,}" if self.total > len(self.rows) else ""


def span(name: str, brand: int, zone: str, now: Instant) -> dict[str, Any]:
    """The names that every statement of a figure takes."""
    minute = now - now % MINUTE
    length = METRICS[name].length or HOUR
    start = midnight(zone, now) if name == "promises_today" else minute - length
    return names(brand, start, length, now)


def names(brand: int, start: Instant, length: Instant, now: Instant) -> dict[str, Any]:
    """The names that statements take, for a period that began at ``start``; ``length`` is its whole hours or days."""
    minute, hour = now - now % MINUTE, now - now % HOUR
    grain = ANSWER_SLOT if length == HOUR else HOUR
    nearest = (minute + HOUR // 2) - (minute + HOUR // 2) % HOUR
    times = {
        "from": start,
        "from_hour": min(start + -start % HOUR, minute),
        "minute": minute,
        "hour": hour,
        "next_hour": hour + HOUR,
        "first_from": now - now % grain - length + grain,
        "half_hour": minute + HOUR // 2,
        "half_hour_ago": minute - HOUR // 2,
        "usual_from": nearest - length,
        "usual_until": nearest,
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
    return (
        reader(conn)
        .execute(STATEMENTS[name][0], span(name, brand, zone, now), prepare=True, binary=True)
        .fetchall()
    )


def measure(conn: Connection[Any], name: str, brand: int, zone: str, now: Instant) -> Measure:
    """A figure, for whoever shows it. Raises ``NotFound``."""
    return METRICS[name].compute(fetch(conn, name, brand, zone, now), now)


def behind(conn: Connection[Any], name: str, brand: int, zone: str, now: Instant, most: int = ROWS) -> Behind:
    """The rows behind a figure, at most so many. Raises ``NotFound``."""
    if name not in METRICS:
        raise NotFound(f"There is no figure named {name}.")
    asked = span(name, brand, zone, now) | {"first_id": id_at(now - (METRICS[name].length or HOUR) - MINUTE)}
    return rows_of(conn, STATEMENTS[name][1], asked, most)


def rows_of(conn: Connection[Any], statement: str, asked: dict[str, Any], most: int = ROWS) -> Behind:
    """What a statement of rows gives, which takes its limit by the name ``rows``. Counted only when there are more."""
    cursor = reader(conn).execute(statement, asked | {"rows": most + 1})
    columns, rows = tuple(column.name for column in cursor.description or ()), cursor.fetchall()
    if len(rows) <= most:
        return Behind(columns, tuple(rows), len(rows))
    counted = conn.execute(f"SELECT count(*) FROM ({statement}) every_row", asked | {"rows": None}).fetchone()
    return Behind(columns, tuple(rows[:most]), counted[0] if counted else 0)
