"""SQL of policy versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import json
from psycopg import Connection

from townhall.kernel.errors import NotFound

NO_POLICY = 0
"""The version that judges the posts of a brand without an active policy: they are kept, and nothing is promised."""
NO_POLICY_SOURCE = """
id: none
version: 1
defaults: {effect: no_answer, priority: low, queue: general, reason: This brand has no active policy.}
rules: []
"""


def active(connection: Connection[Any], held: Sequence[int]) -> list[tuple[int, int, str | None]]:
    """The active version of every brand: (brand, version id, source); no source for those in ``held``."""
    return connection.execute(
        """
        SELECT brand_id, id, CASE WHEN id = ANY(%s::integer[]) THEN NULL ELSE source END
        FROM policy_version WHERE state = 'active'
        """,
        [list(held)],
    ).fetchall()


def source(connection: Connection[Any], version_id: int) -> str:
    """The exact text of a version. Raises ``NotFound``."""
    if version_id == NO_POLICY:
        return NO_POLICY_SOURCE
    row = connection.execute("SELECT source FROM policy_version WHERE id = %s", [version_id]).fetchone()
    if row is None:
        raise NotFound(f"there is no policy version {version_id}")
    return str(row[0])


def add(
    connection: Connection[Any], brand: int, source: str, digest: str, author: str, *, activate: bool = False,
    approvals: Mapping[str, Sequence[Sequence[str]]] | None = None,
) -> int:  # fmt: skip
    """Stores the next version of a brand's policy; ``activate`` retires the one before. Returns its id."""
    if activate:
        connection.execute(
            "UPDATE policy_version SET state = 'retired' WHERE brand_id = %s AND state = 'active'", [brand]
        )
    row = connection.execute(
        """
        INSERT INTO policy_version
            (brand_id, version, source, digest, state, written_by, activated_by, activated_at, approvals)
        SELECT %(brand)s, coalesce(max(version), 0) + 1, %(source)s, %(digest)s, %(state)s, %(author)s,
            CASE WHEN %(now)s THEN %(author)s END, CASE WHEN %(now)s THEN clock_timestamp() END,
            %(approvals)s::jsonb
        FROM policy_version WHERE brand_id = %(brand)s RETURNING id
        """,
        {
            "brand": brand, "source": source, "digest": digest, "author": author, "now": activate,
            "state": "active" if activate else "draft", "approvals": json.encode(approvals or {}).decode(),
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])
