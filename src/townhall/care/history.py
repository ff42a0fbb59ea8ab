"""SQL of customers' earlier cases, for a whole batch at once."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints


def of_customers(
    connection: Connection[Any], customers: Sequence[int], most: int
) -> dict[int, tuple[int, int, bool]]:
    """Customer → (cases, those not closed, whether somebody of us answered in one), from their newest ``most`` cases."""
    rows = connection.execute(
        """
        SELECT wanted.id, count(*), count(*) FILTER (WHERE c.state <> 'closed'),
            bool_or(c.last_out_at IS NOT NULL)
        FROM unnest(%s::bigint[]) AS wanted (id)
        CROSS JOIN LATERAL (
            SELECT state, last_out_at FROM cases WHERE customer_id = wanted.id ORDER BY id DESC LIMIT %s
        ) c
        GROUP BY wanted.id
        """,
        [bigints(customers), most],
        binary=True,
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
