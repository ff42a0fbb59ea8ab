"""SQL of how accounts do: where reading stands, what is wrong, and which minutes are missing."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

NETWORKS = ("mastodon", "x")
"""Networks that accounts read by themselves; elsewhere what comes is brought."""


Limits = tuple[int | None, int | None, int | None, int | None]
"""What a server states of itself: the longest text, most pictures of a post, bytes of one, the longest words for one."""


class Reading(Struct, frozen=True):
    """An account that reads by itself, and where it stands."""

    account_id: int
    brand_id: int
    channel: str
    cursor: str
    state: str


def reading_accounts(connection: Connection[Any], channels: Sequence[str]) -> list[Reading]:
    """Accounts on these channels that are meant to read and have an address to read from."""
    rows = connection.execute(
        """
        SELECT a.id, a.brand_id, a.channel, coalesce(h.cursor, ''), coalesce(h.state, 'new')
        FROM account a LEFT JOIN account_health h ON h.account_id = a.id
        WHERE a.reading AND a.channel = ANY(%s) AND a.secret_body IS NOT NULL ORDER BY a.id
        """,
        [list(channels)],
    ).fetchall()
    return [Reading(*row) for row in rows]


def note_page(
    connection: Connection[Any],
    account_id: int,
    now: Instant,
    *,
    cursor: str,
    lag: float,
    cost: int,
    behind: bool,
) -> str:
    """A page was kept. Returns the state before, so that a recovery can be told."""
    before = _state(connection, account_id)
    state = "behind" if behind else "ok"
    connection.execute(
        """
        UPDATE account_health SET state = %(state)s, read_at = %(now)s, lag_seconds = %(lag)s, cursor = %(cursor)s,
            cost_micro_usd = cost_micro_usd + %(cost)s, message = '', limit_resets_at = NULL,
            since = CASE WHEN state = %(state)s THEN since ELSE %(now)s END
        WHERE account_id = %(id)s
        """,
        {
            "state": state,
            "now": to_datetime(now),
            "lag": lag,
            "cursor": cursor,
            "cost": cost,
            "id": account_id,
        },
    )
    return before


def note_trouble(
    connection: Connection[Any], account_id: int, now: Instant, state: str, message: str, resets: Instant
) -> str:
    """Reading failed. Returns the state before."""
    before = _state(connection, account_id)
    connection.execute(
        """
        UPDATE account_health SET state = %(state)s, message = %(message)s, limit_resets_at = %(resets)s,
            since = CASE WHEN state = %(state)s THEN since ELSE %(now)s END
        WHERE account_id = %(id)s
        """,
        {
            "state": state, "message": message[:500], "now": to_datetime(now), "id": account_id,
            "resets": to_datetime(resets) if resets else None,
        },
    )  # fmt: skip
    return before


def note_verified(
    connection: Connection[Any], account_id: int, native_id: str, limits: Limits, now: Instant
) -> None:
    """Who the token speaks for, since when we know, and the instance's own limits."""
    connection.execute(
        "UPDATE account SET native_id = %s WHERE id = %s AND native_id <> %s AND %s <> ''",
        [native_id, account_id, native_id, native_id],
    )
    connection.execute(
        "UPDATE account_health SET max_length = %s, max_pictures = %s, picture_bytes = %s, alt_length = %s,"
        " verified_at = coalesce(verified_at, %s) WHERE account_id = %s AND (verified_at IS NULL"
        " OR (max_length, max_pictures, picture_bytes, alt_length) IS DISTINCT FROM (%s::integer, %s::integer, %s::bigint, %s::integer))",
        [*limits, to_datetime(now), account_id, *limits],
    )


def note_delivered(connection: Connection[Any], accounts: Sequence[int], now: Instant) -> None:
    """The network brought something to these accounts, and it was signed: noted at most every ten seconds."""
    connection.execute(
        """
        UPDATE account_health SET state = 'ok', read_at = %(now)s, verified_at = coalesce(verified_at, %(now)s),
            message = '', since = CASE WHEN state = 'ok' THEN since ELSE %(now)s END
        WHERE account_id = ANY(%(ids)s)
            AND (state <> 'ok' OR read_at IS NULL OR read_at < %(now)s - interval '10 seconds')
        """,
        {"ids": sorted(accounts), "now": to_datetime(now)},
    )


def begin_anew(connection: Connection[Any], account_id: int, now: Instant) -> None:
    """The account was connected again: nothing is known of its new token yet; cursor and gaps stay as they are."""
    connection.execute(
        "UPDATE account_health SET state = 'new', since = %s, verified_at = NULL, message = '', limit_resets_at = NULL"
        " WHERE account_id = %s",
        [to_datetime(now), account_id],
    )


def note_paused(connection: Connection[Any], account_id: int, now: Instant, message: str) -> None:
    """Nobody reads the account any more, because somebody said so."""
    connection.execute(
        "UPDATE account_health SET state = 'paused', since = %s, message = %s WHERE account_id = %s",
        [to_datetime(now), message, account_id],
    )


def note_cost(connection: Connection[Any], account_id: int, micro_usd: int) -> None:
    """A call was paid for that was no page of the cursor."""
    connection.execute(
        "UPDATE account_health SET cost_micro_usd = cost_micro_usd + %s WHERE account_id = %s",
        [micro_usd, account_id],
    )


def looked_upto(connection: Connection[Any], account_id: int, age_s: int) -> int:
    """The ordered id up to which posts of an account were looked at again at this age, in seconds; 0: never."""
    row = connection.execute(
        "SELECT upto FROM second_look WHERE account_id = %s AND age_s = %s", [account_id, age_s]
    ).fetchone()
    return int(row[0]) if row else 0


def note_look(connection: Connection[Any], account: Reading, age_s: int, upto: int) -> None:
    """Posts up to that ordered id were looked at again at this age, in seconds."""
    connection.execute(
        """
        INSERT INTO second_look (account_id, age_s, brand_id, upto) VALUES (%s, %s, %s, %s)
        ON CONFLICT (account_id, age_s) DO UPDATE SET upto = excluded.upto
        """,
        [account.account_id, age_s, account.brand_id, upto],
    )


def open_gap(connection: Connection[Any], account_id: int, brand: int, now: Instant, cause: str) -> None:
    """Nothing was read since the last page: a gap begins there, unless one is open."""
    connection.execute(
        """
        INSERT INTO channel_gap (brand_id, account_id, began_at, cause)
        SELECT %(brand)s, %(id)s, coalesce((SELECT read_at FROM account_health WHERE account_id = %(id)s), %(now)s), %(cause)s
        WHERE NOT EXISTS (SELECT 1 FROM channel_gap WHERE account_id = %(id)s AND ended_at IS NULL)
        """,
        {"brand": brand, "id": account_id, "now": to_datetime(now), "cause": cause[:500]},
    )


def fill_gap(connection: Connection[Any], account_id: int, now: Instant, items: int, *, whole: bool) -> None:
    """What was read counts towards the open gap; ``whole`` ends it."""
    connection.execute(
        """
        UPDATE channel_gap SET filled = filled + %(items)s, ended_at = CASE WHEN %(whole)s THEN %(now)s END
        WHERE account_id = %(id)s AND ended_at IS NULL
        """,
        {"items": items, "whole": whole, "now": to_datetime(now), "id": account_id},
    )
    connection.execute(
        """
        UPDATE account_health SET gap_minutes = coalesce((
            SELECT ceil(sum(extract(epoch FROM coalesce(ended_at, %(now)s) - began_at)) / 60)::integer FROM channel_gap
            WHERE account_id = %(id)s AND began_at > %(now)s - interval '7 days'), 0)
        WHERE account_id = %(id)s
        """,
        {"now": to_datetime(now), "id": account_id},
    )


def _state(connection: Connection[Any], account_id: int) -> str:
    row = (
        reader(connection)
        .execute("SELECT state FROM account_health WHERE account_id = %s", [account_id])
        .fetchone()
    )
    return str(row[0]) if row else "new"
