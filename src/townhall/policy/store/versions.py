"""SQL of versions on their way from draft to active and back, and of the acts that move them."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, json
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_COLUMNS = """
id, brand_id, version, state, digest, source, author_id, written_by, reviewed_digest, coalesce(due_at, 'epoch'),
coalesce(activated_at, 'epoch')
"""


class Version(Struct, frozen=True):
    """A version as verbs see it. ``number`` counts within the brand; ``author_id`` is 0 for programs.

    ``reviewed`` is the digest that somebody approved ("" for none); ``due`` when it is to become active, ``activated``
    when it last did (0 for never).
    """

    id: int
    brand_id: int
    number: int
    state: str
    digest: str
    source: str
    author_id: int
    author: str
    reviewed: str
    due: Instant
    activated: Instant


class Act(Struct, frozen=True):
    """What somebody did with a version, about which text, with which words."""

    act: str
    at: Instant
    by_id: int
    by: str
    remark: str = ""


def get(conn: Connection[Any], brand: int, number: int, *, lock: bool = False) -> Version | None:
    """A brand's version of that number."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM policy_version WHERE brand_id = %s AND version = %s"
            + (" FOR UPDATE" if lock else ""),
            [brand, number],
        )
        .fetchone()
    )
    return Version(*row) if row else None


def make_draft(
    conn: Connection[Any], brand: int, source: str, digest: str, note: str, based_on: int, act: Act
) -> Version:
    """The brand's next version, as a draft."""
    conn.execute(
        "SELECT pg_advisory_xact_lock(%s, %s)", [0x706F6C, brand]
    )  # two drafts at once get two numbers
    row = (
        reader(conn)
        .execute(
            f"""
        INSERT INTO policy_version (brand_id, version, source, digest, state, written_by, written_at, changed_at,
            author_id, note, based_on)
        SELECT %(brand)s, coalesce(max(version), 0) + 1, %(source)s, %(digest)s, 'draft', %(by)s, %(at)s, %(at)s,
            %(by_id)s, %(note)s, %(based_on)s
        FROM policy_version WHERE brand_id = %(brand)s RETURNING {_COLUMNS}
        """,
            {
                "brand": brand,
                "source": source,
                "digest": digest,
                "by": act.by,
                "by_id": act.by_id,
                "at": to_datetime(act.at),
                "note": note,
                "based_on": based_on,
            },
        )
        .fetchone()
    )
    assert row is not None
    made = Version(*row)
    remember(conn, made, act)
    return made


def put_text(conn: Connection[Any], version: Version, source: str, digest: str, act: Act) -> None:
    """New words for a version that was never active: a draft again, by whoever wrote them, reviewed by nobody."""
    conn.execute(
        """
        UPDATE policy_version SET source = %s, digest = %s, state = 'draft', written_by = %s, author_id = %s,
            changed_at = %s, reviewed_digest = '', due_at = NULL
        WHERE id = %s
        """,
        [source, digest, act.by, act.by_id, to_datetime(act.at), version.id],
    )
    remember(conn, version, act, digest)


def move(
    conn: Connection[Any],
    version: Version,
    state: str,
    act: Act,
    *,
    reviewed: str | None = None,
    due: Instant = 0,
) -> bool:
    """Moves a version on, if it is still where it was seen; whether it was. ``due`` 0 takes a time away."""
    done = conn.execute(
        """
        UPDATE policy_version SET state = %s, reviewed_digest = coalesce(%s, reviewed_digest), due_at = %s
        WHERE id = %s AND state = %s AND digest = %s
        """,
        [
            state,
            reviewed,
            to_datetime(due) if due else None,
            version.id,
            version.state,
            version.digest,
        ],
    )
    if done.rowcount:
        remember(conn, version, act)
    return bool(done.rowcount)


def make_active(
    conn: Connection[Any], version: Version, act: Act, approvals: Mapping[str, Sequence[Sequence[str]]]
) -> int | None:
    """Puts a version into force and retires the one before: its number (0 for none), or None when another was quicker.

    ``approvals`` are kept beside the version, by rule, for the guard of replies.
    """
    conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x706F6C, version.brand_id])
    claimed = conn.execute(
        """
        UPDATE policy_version SET activated_by = %s, activated_at = %s, due_at = NULL
        WHERE id = %s AND state = %s AND digest = %s AND coalesce(due_at, 'epoch') = %s
        """,
        [
            act.by,
            to_datetime(act.at),
            version.id,
            version.state,
            version.digest,
            to_datetime(version.due),
        ],
    )
    if not claimed.rowcount:
        return None
    retired = conn.execute(
        "UPDATE policy_version SET state = 'retired' WHERE brand_id = %s AND state = 'active' RETURNING version",
        [version.brand_id],
    ).fetchone()
    conn.execute(
        "UPDATE policy_version SET state = 'active', approvals = %s::jsonb WHERE id = %s",
        [json.encode(approvals).decode(), version.id],
    )
    remember(conn, version, act)
    return int(retired[0]) if retired else 0


def due(conn: Connection[Any], now: Instant) -> list[Version]:
    """Reviewed versions of all brands whose time has come, in the order of their times. Rows somebody holds are left."""
    rows = reader(conn).execute(
        f"""
        SELECT {_COLUMNS} FROM policy_version WHERE state = 'reviewed' AND due_at <= %s
        ORDER BY policy_version.due_at, id FOR UPDATE SKIP LOCKED
        """,
        [to_datetime(now)],
    )
    return [Version(*row) for row in rows]


def remember(conn: Connection[Any], version: Version, act: Act, digest: str = "") -> None:
    """Keeps an act beside the version."""
    conn.execute(
        "INSERT INTO policy_act (brand_id, version_id, act, at, by_id, by_name, digest, remark)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            version.brand_id,
            version.id,
            act.act,
            to_datetime(act.at),
            act.by_id,
            act.by,
            digest or version.digest,
            act.remark,
        ],
    )
