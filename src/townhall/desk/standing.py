"""What stands above every page of a brand, in one query: stops in force, held replies, notices not yet seen, lost tokens."""

import psycopg
from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.people.doors import Asker

_BOUND = 1000

_STANDING = """
SELECT coalesce((SELECT array_agg(scope || ' ' || target ORDER BY id) FROM standing_stops()), '{}'),
    (SELECT count(*) FROM (SELECT 1 FROM release WHERE brand_id = %(brand)s AND state = 'held' LIMIT %(bound)s) h)
        + (SELECT count(*) FROM statement WHERE brand_id = %(brand)s AND state = 'held'),
    (SELECT count(*) FROM (SELECT 1 FROM notice WHERE brand_id = %(brand)s AND staff_id = %(staff)s
        AND acknowledged_at IS NULL LIMIT %(bound)s) n),
    (SELECT coalesce(array_agg(h.account_id || ' ' || (extract(epoch FROM h.since) * 1000000)::bigint || ' ' || a.channel
        || ' ' || a.handle ORDER BY h.since), '{}')
        FROM account_health h JOIN account a ON a.id = h.account_id
        WHERE h.brand_id = %(brand)s AND h.state = 'no_token' AND a.reading)
"""


class Deaf(Struct, frozen=True):
    """An account that should be read and whose token its network refuses: since when it has not been read."""

    account_id: int
    since: Instant
    channel: str
    handle: str


class Standing(Struct, frozen=True):
    """``stopped`` words each stop in force; ``held`` and ``notices`` stop counting at 1,000; ``deaf`` are accounts that
    cannot be read until somebody gives them new access."""

    stopped: tuple[str, ...] = ()
    held: int = 0
    notices: int = 0
    deaf: tuple[Deaf, ...] = ()


def standing(conn: psycopg.Connection, asker: Asker) -> Standing:
    """The standing of the asker's brand, for the asker."""
    row = conn.execute(
        _STANDING, {"brand": asker.brand_id, "staff": asker.staff_id, "bound": _BOUND}
    ).fetchone()
    assert row
    return Standing(
        tuple(_words(stop) for stop in row[0]), row[1], row[2], tuple(_deaf(one) for one in row[3])
    )


def _deaf(one: str) -> Deaf:
    account, since, channel, handle = one.split(" ", 3)
    return Deaf(int(account), int(since), channel, handle)


def _words(stop: str) -> str:
    scope, _, target = stop.partition(" ")
    return {"everything": "everything, at every brand", "brand": "everything of this brand"}.get(
        scope, f"{scope} {target}"
    )
