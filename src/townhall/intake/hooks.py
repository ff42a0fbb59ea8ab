"""SQL of deliveries that networks bring themselves: which were seen, and how each kind ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

DOOR = -2
"""The writer's number of the hook door in ``delivery_count``."""
KEPT_DAYS = 30


def first_seen(connection: Connection[Any], deliveries: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Remembers (account, delivery id) pairs and gives those that were not seen before."""
    ordered = sorted(set(deliveries))
    rows = connection.execute(
        """
        INSERT INTO delivery_seen (account_id, webhook_id)
        SELECT * FROM unnest(%s::integer[], %s::text[]) ON CONFLICT DO NOTHING RETURNING account_id, webhook_id
        """,
        [[account for account, _ in ordered], [name for _, name in ordered]],
    )
    return {(row[0], row[1]) for row in rows}


def count(connection: Connection[Any], outcomes: Mapping[tuple[int, str], int]) -> None:
    """Adds to the counts of (account, outcome)."""
    ordered = sorted(outcomes)
    connection.execute(
        """
        INSERT INTO delivery_count AS c (worker, account_id, outcome, hits)
        SELECT %s, * FROM unnest(%s::integer[], %s::text[], %s::bigint[])
        ON CONFLICT (worker, account_id, outcome) DO UPDATE SET hits = c.hits + excluded.hits
        """,
        [DOOR, [a for a, _ in ordered], [o for _, o in ordered], [outcomes[key] for key in ordered]],
    )


def counts(connection: Connection[Any]) -> dict[tuple[int, str], int]:
    """How deliveries ended, by account and outcome."""
    rows = connection.execute(
        "SELECT account_id, outcome, sum(hits)::bigint FROM delivery_count GROUP BY 1, 2"
    )
    return {(row[0], row[1]): row[2] for row in rows}


def forget(connection: Connection[Any]) -> None:
    """Lets delivery ids go that no signature could be valid for any more."""
    connection.execute(
        "DELETE FROM delivery_seen WHERE seen_at < clock_timestamp() - make_interval(days => %s)", [KEPT_DAYS]
    )
