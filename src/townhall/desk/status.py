"""The state of the whole house in a few queries: for ``townhall status`` and ``/metrics``, read as a worker."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.desk.heard import health_at
from townhall.desk.views import Lag

_RECORD = """
SELECT (SELECT count(*) FROM thread), (SELECT count(*) FROM cases),
    (SELECT facts FROM journal_head),
    (SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1),
    (SELECT to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        FROM checkpoint ORDER BY size DESC LIMIT 1)
"""
_QUEUES = """
SELECT 'pipeline', coalesce(sum(items), 0)::bigint, coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)
    FROM delivery_pending
UNION ALL
SELECT 'journal', count(*), coalesce(extract(epoch FROM clock_timestamp() - min(b.written_at)), 0)
    FROM fact_pending p JOIN fact_block b ON b.id = p.block_id
UNION ALL
SELECT 'search', coalesce(sum(cardinality(ids)), 0)::bigint, search_lag() FROM search_pending
UNION ALL
SELECT 'outbound', count(*), greatest(coalesce(extract(epoch FROM clock_timestamp() - min(not_before)), 0), 0)
    FROM delivery WHERE state IN ('waiting', 'attempting', 'unclear')
UNION ALL
SELECT 'doubtful', count(*), coalesce(extract(epoch FROM clock_timestamp() - min(changed_at)), 0)
    FROM delivery WHERE state IN ('doubtful', 'overdue')
UNION ALL
SELECT 'approval', count(*), coalesce(extract(epoch FROM clock_timestamp() - min(made_at)), 0)
    FROM release WHERE state = 'held'
"""
_NIGHTS = """
SELECT DISTINCT ON (b.slug) b.slug, n.night::text, n.state, n.checked, n.different,
    coalesce(to_char(n.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')
FROM policy_night n JOIN brand b ON b.id = n.brand_id ORDER BY b.slug, n.night DESC
"""
_CHANNELS = f"""
SELECT b.slug, a.channel, a.handle, coalesce(h.state, 'new'), coalesce(h.lag_seconds, 0), coalesce(h.message, ''),
    (SELECT count(*) FROM channel_gap g WHERE g.account_id = a.id AND g.ended_at IS NULL)
FROM account a JOIN brand b ON b.id = a.brand_id {health_at("clock_timestamp()")}
ORDER BY b.slug, a.channel, a.handle
"""
_FLOW = """
SELECT coalesce(sum(items), 0)::bigint, coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float8,
    search_lag(), (SELECT count(*) FROM fact_pending), (SELECT facts FROM journal_head),
    coalesce((SELECT extract(epoch FROM clock_timestamp() - max(signed_at)) FROM checkpoint), 0)::float8
FROM delivery_pending
"""


class Flow(Struct, frozen=True):
    """What no brand hides, so that pages' own role may measure it: posts that wait to be understood and the age of
    the oldest (seconds), for how long posts have waited to be found by their words (seconds), blocks of facts that wait for their number, facts numbered, age of the last checkpoint."""

    posts_waiting: int
    oldest_post_seconds: float
    search_lag_seconds: float
    blocks_waiting: int
    facts: int
    checkpoint_age_seconds: float


class Checkpoint(Struct, frozen=True):
    """The last signed one: the tree's size in blocks, and when (RFC 3339; "" before the first)."""

    size: int
    at: str


class Queue(Struct, frozen=True):
    """How many wait (posts, blocks of facts, or sends), and for how long the oldest has, in seconds."""

    waiting: int
    oldest_seconds: float


class ChannelState(Struct, frozen=True):
    """One account and how its reading goes; ``open_gaps`` have begun and not ended."""

    brand: str
    channel: str
    handle: str
    state: str
    lag_seconds: float
    message: str
    open_gaps: int


class Night(Struct, frozen=True):
    """A brand's last night in which stored verdicts were derived again: how many, how many differed, when it ended."""

    brand: str
    night: str
    state: str
    checked: int
    different: int
    ended_at: str


class HouseStatus(Struct, frozen=True):
    """What is kept, what waits, how the channels are."""

    interactions: int
    threads: int
    cases: int
    facts: int
    checkpoint: Checkpoint
    queues: dict[str, Queue]
    channels: list[ChannelState]
    verdicts: list[Night]


def house_status(conn: Connection[Any]) -> HouseStatus:
    """Counted now, over all brands. ``facts`` are those that have their number."""
    threads, cases, facts, size, at = _one(conn, _RECORD)
    return HouseStatus(
        interactions=_one(conn, "SELECT count(*) FROM interaction")[0],
        threads=threads,
        cases=cases,
        facts=facts or 0,
        checkpoint=Checkpoint(size or 0, at or ""),
        queues=queues(conn),
        channels=channel_states(conn),
        verdicts=[Night(*row) for row in conn.execute(_NIGHTS)],
    )


def channel_states(conn: Connection[Any]) -> list[ChannelState]:
    """Every account of every brand, as it is heard now."""
    return [ChannelState(*row) for row in conn.execute(_CHANNELS)]


def flow_measures(conn: Connection[Any]) -> Flow:
    """The measures of ``/metrics``."""
    return Flow(*_one(conn, _FLOW))


def lag(conn: Connection[Any]) -> Lag:
    """How far this house is behind what it has received, as any page may say."""
    found = flow_measures(conn)
    return Lag(found.posts_waiting, found.oldest_post_seconds, found.search_lag_seconds)


def queues(conn: Connection[Any]) -> dict[str, Queue]:
    """Every queue by its name; cheap, however much is stored."""
    return {name: Queue(waiting, round(float(oldest), 3)) for name, waiting, oldest in conn.execute(_QUEUES)}


def _one(conn: Connection[Any], query: Any) -> tuple[Any, ...]:
    row = conn.execute(query).fetchone()
    assert row is not None
    return tuple(row)
