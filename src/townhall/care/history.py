"""SQL of customers' earlier cases, and of what people made of them, for a whole batch at once."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant


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


class Handled(Struct, frozen=True, gc=False):
    """A case as people handled it: when it was closed (0: it is not), the queue they moved it to and the priority they gave it,
    each the last that was not undone ("" and -1: nobody did)."""

    closed: Instant
    queue: str
    priority: int


def handled(
    connection: Connection[Any], customers: Sequence[int], threads: Sequence[int]
) -> dict[tuple[int, int], list[Handled]]:
    """(thread, customer) → the cases of these customers in these threads, oldest first. Two queries."""
    cases = (
        reader(connection)
        .execute(
            "SELECT id, thread_id, customer_id, coalesce(closed_at, 'epoch') FROM cases"
            " WHERE customer_id = ANY(%s) AND thread_id = ANY(%s) ORDER BY id",
            [bigints(customers), bigints(threads)],
            prepare=False,  # planned for these very lists, which are then looked up in a hash and not walked for each row
        )
        .fetchall()
    )
    queues, priorities = _set_by_people(connection, [case for case, *_ in cases])
    found: dict[tuple[int, int], list[Handled]] = {}
    for case, thread, customer, closed in cases:
        one = Handled(closed, queues.get(case, ""), priorities.get(case, -1))
        found.setdefault((thread, customer), []).append(one)
    return found


def _set_by_people(
    connection: Connection[Any], cases: Sequence[int]
) -> tuple[dict[int, str], dict[int, int]]:
    rows = connection.execute(
        """
        SELECT case_id, act, after->'cases'->(case_id::text) FROM case_change
        WHERE case_id = ANY(%s) AND act IN ('move', 'prioritise') AND actor LIKE 'staff/%%'
            AND undone_at IS NULL AND undoes IS NULL ORDER BY id
        """,
        [bigints(cases)],
    )
    queues: dict[int, str] = {}
    priorities: dict[int, int] = {}
    for case, act, after in rows.fetchall():
        if act == "move":
            queues[case] = after["queue"]
        else:
            priorities[case] = after["priority"]
    return queues, priorities
