"""SQL of customers' tiers: what the firm's own account of them says and since when, and how many follow them."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


def identities_of(connection: Connection[Any], brand: int, handle: str) -> list[int]:
    """Customers of a brand with that handle, on whatever network."""
    rows = connection.execute(
        "SELECT id FROM identity WHERE brand_id = %s AND lower(handle) = lower(%s) AND NOT own ORDER BY id LIMIT 20",
        [brand, handle.removeprefix("@")],
    )
    return [row[0] for row in rows]


def held_by(connection: Connection[Any], identities: Sequence[int]) -> dict[int, list[tuple[Instant, str]]]:
    """Identity → every tier it had with the time it holds from, oldest first, for those of these customers who had one."""
    rows = reader(connection).execute(
        "SELECT identity_id, held_from, tier FROM tier_held WHERE identity_id = ANY(%s) ORDER BY identity_id, held_from",
        [bigints(identities)],
    )
    found: dict[int, list[tuple[Instant, str]]] = {}
    for identity, since, tier in rows:
        found.setdefault(identity, []).append((since, tier))
    return found


def set_tier(
    connection: Connection[Any],
    brand: int,
    identity: int,
    tier: str,
    followers: int,
    actor: str,
    now: Instant,
) -> None:
    """Writes how the brand stands to a customer from now on; "" is no tier. What held before is kept beside it."""
    at = to_datetime(now)
    connection.execute(
        """
        INSERT INTO customer_tier (brand_id, identity_id, tier, followers, set_by, set_at) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (brand_id, identity_id) DO UPDATE SET tier = excluded.tier, followers = excluded.followers,
            set_by = excluded.set_by, set_at = excluded.set_at
        """,
        [brand, identity, tier, followers, actor, at],
    )
    connection.execute(
        """
        INSERT INTO tier_held (identity_id, held_from, brand_id, tier, set_by) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (identity_id, held_from) DO UPDATE SET tier = excluded.tier, set_by = excluded.set_by
        """,
        [identity, at, brand, tier, actor],
    )


def of_identities(connection: Connection[Any], identities: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Identity → (tier, followers), of those that something was set for."""
    rows = connection.execute(
        "SELECT identity_id, tier, followers FROM customer_tier WHERE identity_id = ANY(%s)",
        [bigints(identities)],
    )
    return {row[0]: (row[1], row[2]) for row in rows}
