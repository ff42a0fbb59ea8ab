"""The state of the house as one brand sees it: the same figures as ``desk.status``, read as the pages' own role."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.desk.heard import health_at
from townhall.desk.status import ChannelState, Checkpoint

_RECORD = """
SELECT (SELECT count(*) FROM interaction), (SELECT count(*) FROM thread), (SELECT count(*) FROM cases),
    coalesce((SELECT facts FROM journal_head), 0),
    coalesce((SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1), 0),
    coalesce((SELECT to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        FROM checkpoint ORDER BY size DESC LIMIT 1), '')
"""
_QUEUES = """
SELECT 'pipeline', coalesce(sum(items), 0)::bigint, coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)
    FROM delivery_pending
UNION ALL
SELECT 'journal', count(*), NULL FROM fact_pending
UNION ALL
SELECT 'search', coalesce(sum(cardinality(ids)), 0)::bigint, search_lag() FROM search_pending WHERE brand_id = %(brand)s
UNION ALL
SELECT 'outbound', count(*), greatest(coalesce(extract(epoch FROM clock_timestamp() - min(not_before)), 0), 0)
    FROM delivery WHERE brand_id = %(brand)s AND state IN ('waiting', 'attempting', 'unclear')
UNION ALL
SELECT 'doubtful', count(*), coalesce(extract(epoch FROM clock_timestamp() - min(changed_at)), 0)
    FROM delivery WHERE brand_id = %(brand)s AND state IN ('doubtful', 'overdue')
UNION ALL
SELECT 'approval', count(*), coalesce(extract(epoch FROM clock_timestamp() - min(made_at)), 0)
    FROM release WHERE brand_id = %(brand)s AND state = 'held'
"""
_CHANNELS = f"""
SELECT b.slug, a.channel, a.handle, coalesce(h.state, 'new'), coalesce(h.lag_seconds, 0), coalesce(h.message, ''),
    (SELECT count(*) FROM channel_gap g WHERE g.account_id = a.id AND g.ended_at IS NULL)
FROM account a JOIN brand b ON b.id = a.brand_id {health_at("clock_timestamp()")}
WHERE a.brand_id = %(brand)s ORDER BY a.channel, a.handle
"""


class BrandQueue(Struct, frozen=True):
    """How many wait, and for how long the oldest has (``None``: not for a brand to know)."""

    waiting: int
    oldest_seconds: float | None


class BrandStatus(Struct, frozen=True):
    """What is kept of the brand, and what waits. The pipeline, the facts and the checkpoint are of the whole house."""

    interactions: int
    threads: int
    cases: int
    facts: int
    checkpoint: Checkpoint
    queues: dict[str, BrandQueue]
    channels: list[ChannelState]


def brand_status(conn: Connection[Any], brand: int) -> BrandStatus:
    """Counted now. Three queries; the transaction's role and brand narrow what is counted."""
    row = conn.execute(_RECORD).fetchone()
    assert row
    asked = {"brand": brand}
    queues = {name: _queue(waiting, oldest) for name, waiting, oldest in conn.execute(_QUEUES, asked)}
    channels = [ChannelState(*one) for one in conn.execute(_CHANNELS, asked)]
    return BrandStatus(row[0], row[1], row[2], row[3], Checkpoint(row[4], row[5]), queues, channels)


def _queue(waiting: int, oldest: Any) -> BrandQueue:
    return BrandQueue(waiting, None if oldest is None else round(float(oldest), 3))
