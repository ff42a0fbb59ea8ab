"""SQL of cases that change hands many at once: claimed together, what is locked passed over, each change kept."""

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints, integers, texts
from townhall.kernel.clock import Instant, to_datetime

_SPACE = 0x726F7574


class Handed(Struct, frozen=True):
    """A case that changes hands. ``before`` and ``after`` are holders, 0 for nobody."""

    case: int
    before: int
    after: int


def only_one(connection: Connection[Any], brand: int) -> bool:
    """Whether this transaction alone hands out cases of the brand now; the lock ends with the transaction."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_SPACE, brand]).fetchone()
    return bool(row and row[0])


def claim(connection: Connection[Any], brand: int, wanted: Sequence[Handed]) -> list[Handed]:
    """Locks those that still stand as they were seen, in the order given. What somebody works on now is passed over,
    and comes with the next pass."""
    rows = connection.execute(
        """
        SELECT c.id FROM cases c JOIN unnest(%s::bigint[], %s::bigint[]) AS n(id, holder) ON c.id = n.id
        WHERE c.brand_id = %s AND c.state = 'open' AND coalesce(c.assignee_id, 0) = n.holder
        ORDER BY c.id FOR UPDATE OF c SKIP LOCKED
        """,
        [bigints([one.case for one in wanted]), bigints([one.before for one in wanted]), brand],
    )
    free = {row[0] for row in rows}
    return [one for one in wanted if one.case in free]


def hand_over(
    connection: Connection[Any], brand: int, claimed: Sequence[Handed], actor: str, now: Instant
) -> list[int]:
    """Writes the new holders and keeps each change, so that it can be undone. Gives the changes, in the order given."""
    rows = connection.execute(
        """
        UPDATE cases c SET assignee_id = nullif(n.holder, 0), version = c.version + 1
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, holder) WHERE c.id = n.id RETURNING c.id, c.version
        """,
        [bigints([one.case for one in claimed]), bigints([one.after for one in claimed])],
    )
    versions = dict(rows.fetchall())
    kept = connection.execute(
        """
        INSERT INTO case_change (brand_id, case_id, act, actor, made_at, version, before, after)
        SELECT %s, n.case_id, 'assign', %s, %s, n.version, n.before::jsonb, n.after::jsonb
        FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[]) WITH ORDINALITY
            AS n(case_id, version, before, after, place)
        ORDER BY n.place RETURNING id
        """,
        [
            brand, actor, to_datetime(now), bigints([one.case for one in claimed]),
            integers([versions[one.case] for one in claimed]), texts([_side(one.case, one.before) for one in claimed]),
            texts([_side(one.case, one.after) for one in claimed]),
        ],
    )  # fmt: skip
    return [row[0] for row in kept.fetchall()]


def _side(case: int, holder: int) -> str:
    return json.dumps({"cases": {str(case): {"assignee": holder}}, "commitments": {}})
