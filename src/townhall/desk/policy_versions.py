"""Policy versions for a page or a program: the list, one with its acts, the one in force, what waits for a review."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.people.doors import Asker, require

_LINE = """
SELECT version, state, digest, note, based_on, written_by, author_id, written_at, coalesce(changed_at, written_at),
    CASE WHEN reviewed_digest = digest THEN coalesce((SELECT by_name FROM policy_act a WHERE a.version_id = v.id
        AND a.act = 'approve' ORDER BY a.id DESC LIMIT 1), '') ELSE '' END,
    coalesce(due_at, 'epoch'), coalesce(activated_at, 'epoch'), coalesce(activated_by, ''), v.id
FROM policy_version v
"""
_ACTS = """
SELECT act, at, by_id, by_name, digest, remark FROM policy_act WHERE version_id = %s ORDER BY id
"""


class VersionLine(Struct, frozen=True):
    """A version without its text. ``number`` counts within the brand; ``author_id`` is 0 for programs and the house.

    ``state`` is draft, in_review, reviewed, active, retired or discarded. ``reviewed_by`` is "" while nobody approved the
    text as it stands; ``due_at`` is when it will be in force, ``activated_at`` when it last came in force (0: not).
    """

    number: int
    state: str
    digest: str
    note: str
    based_on: int
    author: str
    author_id: int
    written_at: Instant
    changed_at: Instant
    reviewed_by: str
    due_at: Instant
    activated_at: Instant
    activated_by: str


class PolicyAct(Struct, frozen=True):
    """Draft, change, ask, approve, return, schedule, call_off, activate, roll_back or discard; of the text with ``digest``."""

    act: str
    at: Instant
    by_id: int
    by: str
    digest: str
    remark: str


class VersionView(Struct, frozen=True):
    """A version with its exact text and what was done with it, oldest first."""

    line: VersionLine
    source: str
    acts: tuple[PolicyAct, ...]


def versions(
    conn: Connection[Any], asker: Asker, after: int = 0, limit: int = 50
) -> tuple[list[VersionLine], int]:
    """A page of the brand's versions, newest first, and the number to go on after (0 at the end). One query."""
    require(asker, "read_policy")
    rows = _rows(
        conn,
        "WHERE brand_id = %s AND (%s = 0 OR version < %s) ORDER BY version DESC LIMIT %s",
        [asker.brand_id, after, after, limit + 1],
    )
    shown = [_line(row) for row in rows[:limit]]
    return shown, shown[-1].number if len(rows) > limit else 0


def version(conn: Connection[Any], asker: Asker, number: int) -> VersionView:
    """One version. Raises ``NotFound``. Three queries."""
    require(asker, "read_policy")
    return _one(conn, "WHERE brand_id = %s AND version = %s", [asker.brand_id, number], str(number))


def active(conn: Connection[Any], asker: Asker) -> VersionView:
    """The version that judges now. Raises ``NotFound`` for a brand without one. Three queries."""
    require(asker, "read_policy")
    return _one(conn, "WHERE brand_id = %s AND state = 'active'", [asker.brand_id], "in force")


def waiting(conn: Connection[Any], asker: Asker) -> list[VersionLine]:
    """What waits for somebody: versions in review, then reviewed ones that are not in force yet; oldest change first."""
    require(asker, "read_policy")
    rows = _rows(
        conn,
        "WHERE brand_id = %s AND state IN ('in_review', 'reviewed') ORDER BY state, changed_at, version LIMIT 200",
        [asker.brand_id],
    )
    return [_line(row) for row in rows]


def _one(conn: Connection[Any], where: str, values: list[Any], name: str) -> VersionView:
    rows = _rows(conn, where, values)
    if not rows:
        raise NotFound(f"There is no policy version {name}.")
    source = conn.execute("SELECT source FROM policy_version WHERE id = %s", [rows[0][13]]).fetchone()
    acts = tuple(PolicyAct(*row) for row in reader(conn).execute(_ACTS, [rows[0][13]]))
    return VersionView(_line(rows[0]), source[0] if source else "", acts)


def _rows(conn: Connection[Any], where: str, values: list[Any]) -> list[tuple[Any, ...]]:
    return reader(conn).execute(_LINE + where, values).fetchall()


def _line(row: tuple[Any, ...]) -> VersionLine:
    return VersionLine(*row[:13])
