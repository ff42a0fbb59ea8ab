"""The channels page: each account with its health and the gaps of the last seven days, in one query."""

import psycopg
from msgspec import Struct

from townhall.database.instants import reader
from townhall.desk.heard import health_at
from townhall.kernel.clock import DAY, Instant, to_datetime

_CHANNELS = f"""
SELECT a.id, a.channel, a.handle, a.name, a.base_url, a.reading, a.sending,
    coalesce(h.state, 'new'), h.since, coalesce(h.lag_seconds, 0), h.last_post_at, h.read_at,
    coalesce((SELECT ceil(sum(extract(epoch FROM coalesce(g.ended_at, %(now)s) - greatest(g.began_at, %(from)s))) / 60)
        FROM channel_gap g WHERE g.account_id = a.id AND coalesce(g.ended_at, %(now)s) > %(from)s), 0)::integer,
    coalesce(h.message, ''), h.limit_resets_at, coalesce(h.cost_micro_usd, 0), a.connected
FROM account a {health_at("%(now)s::timestamptz")}
WHERE a.brand_id = %(brand)s ORDER BY a.channel, a.handle
"""


class ChannelLine(Struct, frozen=True):
    """One account. ``lag_seconds`` is how far behind it reads, ``gap_minutes`` of the last seven days,
    ``cost_micro_usd`` in millionths of a US dollar; ``connected`` says that there are secrets; instants are 0 or ``None`` when there was none."""

    account_id: int
    channel: str
    handle: str
    name: str
    base_url: str
    reading: bool
    sending: bool
    state: str
    since: Instant | None
    lag_seconds: float
    last_post_at: Instant | None
    read_at: Instant | None
    gap_minutes: int
    message: str
    limit_resets_at: Instant | None
    cost_micro_usd: int
    connected: bool


def channels(conn: psycopg.Connection, brand_id: int, now: Instant) -> list[ChannelLine]:
    """Every account of the brand."""
    facts = {"brand": brand_id, "now": to_datetime(now), "from": to_datetime(now - 7 * DAY)}
    return [ChannelLine(*row) for row in reader(conn).execute(_CHANNELS, facts)]
