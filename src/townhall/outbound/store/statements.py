"""Statements and what became of them for each case."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection
from psycopg.errors import UniqueViolation

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import Conflict
from townhall.outbound.logic.statement import Statement

_COLUMNS = """id, brand_id, incident, text, language, scope, expires_at, seed, salt, author_id, author, made_at, version,
    state, digest, coalesce(asked_at, 'epoch'), coalesce(approver_id, 0), approver, approver_roles, remark, approvers"""


class Reply(Struct, frozen=True):
    """A case of a statement. ``state``: waiting, let_go or left_out, then with the code ``why``."""

    statement: int
    case: int
    account: int
    seen_post: int
    seen_at: Instant


class LeftOut(Struct, frozen=True):
    """A case that does not get it: the code of the reason, and its details in words ("" for none)."""

    case: int
    why: str
    detail: str = ""


def add(conn: Connection[Any], fresh: Statement) -> int:
    """Keeps a draft; gives its id. Raises ``Conflict`` while another of the incident is under way."""
    try:
        with conn.transaction():
            row = conn.execute(
                "INSERT INTO statement (brand_id, incident, text, language, scope, expires_at, seed, salt, author_id, author,"
                " made_at, state) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'draft') RETURNING id",
                [
                    fresh.brand_id, fresh.incident, fresh.text, fresh.language, fresh.scope, to_datetime(fresh.expires_at),
                    fresh.seed, fresh.salt, fresh.author_id, fresh.author, to_datetime(fresh.made_at),
                ],
            ).fetchone()  # fmt: skip
    except UniqueViolation as other:
        raise Conflict("This incident has a statement under way already. Look at that one first.") from other
    assert row
    return int(row[0])


def get(conn: Connection[Any], statement_id: int, *, lock: bool = False) -> Statement | None:
    """One statement; with ``lock`` nobody else decides about it until this transaction ends."""
    rows = _statements(conn, f"id = %s {'FOR UPDATE' if lock else ''}", [statement_id])
    return rows[0] if rows else None


def many(conn: Connection[Any], ids: Sequence[int]) -> dict[int, Statement]:
    """These statements by id. One query."""
    return {one.id: one for one in _statements(conn, "id = ANY(%s)", [list(ids)])}


def _statements(conn: Connection[Any], where: str, values: Sequence[Any]) -> list[Statement]:
    names = Statement.__struct_fields__
    found = []
    for row in reader(conn).execute(f"SELECT {_COLUMNS} FROM statement WHERE {where}", values):
        values_of = dict(zip(names, row, strict=True))
        values_of["salt"], values_of["digest"] = bytes(values_of["salt"]), bytes(values_of["digest"])
        for roles in ("approver_roles", "approvers"):
            values_of[roles] = frozenset(values_of[roles])
        found.append(Statement(**values_of))
    return found


def reword(conn: Connection[Any], changed: Statement) -> None:
    """Replaces what an approval would be bound to. It is a draft again, of its author's words as they are now."""
    conn.execute(
        "UPDATE statement SET text = %s, language = %s, scope = %s, expires_at = %s, seed = %s, salt = %s, made_at = %s,"
        " version = version + 1, state = 'draft', digest = '', asked_at = NULL, remark = '' WHERE id = %s",
        [
            changed.text, changed.language, changed.scope, to_datetime(changed.expires_at), changed.seed, changed.salt,
            to_datetime(changed.made_at), changed.id,
        ],
    )  # fmt: skip
    conn.execute("DELETE FROM statement_reply WHERE statement_id = %s AND release_id IS NULL", [changed.id])


def hold(
    conn: Connection[Any], statement_id: int, digest: bytes, approvers: frozenset[str], now: Instant
) -> None:
    """It waits for an approval, by somebody with one of these roles, of what has this digest."""
    conn.execute(
        "UPDATE statement SET state = 'held', digest = %s, approvers = %s, asked_at = %s WHERE id = %s",
        [digest, sorted(approvers), to_datetime(now), statement_id],
    )


def approve(
    conn: Connection[Any], statement_id: int, staff: int, name: str, roles: frozenset[str], now: Instant
) -> None:
    """Somebody's yes to exactly what was held."""
    conn.execute(
        "UPDATE statement SET state = 'approved', approver_id = %s, approver = %s, approver_roles = %s, approved_at = %s"
        " WHERE id = %s",
        [staff, name, sorted(roles), to_datetime(now), statement_id],
    )


def put_state(
    conn: Connection[Any], statement_id: int, state: str, remark: str = "", ended: Instant = 0
) -> None:
    """Where it stands now, and why."""
    conn.execute(
        "UPDATE statement SET state = %s, remark = %s, ended_at = %s WHERE id = %s",
        [state, remark[:300], to_datetime(ended) if ended else None, statement_id],
    )


def enter(
    conn: Connection[Any], statement: Statement, waiting: Sequence[Reply], left_out: Sequence[tuple[Reply, str, str]]
) -> None:  # fmt: skip
    """Cases of a statement: those that may get it, and those left out with code and details. One that is there stays."""
    rows = [(one, "waiting", "", "") for one in waiting]
    rows += [(one, "left_out", why, detail) for one, why, detail in left_out]
    conn.execute(
        "INSERT INTO statement_reply (statement_id, brand_id, case_id, account_id, seen_post, seen_at, state, why, detail)"
        " SELECT %s, %s, r.* FROM unnest(%s::bigint[], %s::integer[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[],"
        " %s::text[]) AS r ON CONFLICT DO NOTHING",
        [
            statement.id, statement.brand_id, [one.case for one, *_ in rows], [one.account for one, *_ in rows],
            [one.seen_post for one, *_ in rows], [to_datetime(one.seen_at) for one, *_ in rows],
            [state for _, state, _, _ in rows], [why for *_, why, _ in rows], [detail[:300] for *_, detail in rows],
        ],
    )  # fmt: skip


def waiting_cases(conn: Connection[Any], statement_id: int) -> list[int]:
    """The cases of a statement that may get it and have not yet, in order."""
    return waiting_of(conn, [statement_id])[statement_id]


def waiting_of(conn: Connection[Any], ids: Sequence[int]) -> dict[int, list[int]]:
    """The same for each of these statements. One query."""
    found: dict[int, list[int]] = {one: [] for one in ids}
    for statement, case in conn.execute(
        "SELECT statement_id, case_id FROM statement_reply WHERE statement_id = ANY(%s) AND state = 'waiting' ORDER BY case_id",
        [bigints(ids)],
    ):
        found[statement].append(case)
    return found


def is_going(conn: Connection[Any], statement_id: int) -> bool:
    """Whether a case of it waits, or a reply of it has not left for good: a try may fail yet, and is then made again."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM statement_reply r LEFT JOIN delivery d ON d.release_id = r.release_id"
        " WHERE r.statement_id = %s AND (r.state = 'waiting' OR d.state IN ('waiting', 'attempting', 'unclear')))",
        [statement_id],
    ).fetchone()
    return bool(row and row[0])


def answered_since(conn: Connection[Any], case: int, release: int) -> bool:
    """Whether a reply of a statement that was made after that release went to the case, or is on its way."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM statement_reply r JOIN delivery d ON d.release_id = r.release_id"
        " WHERE r.case_id = %s AND r.release_id > %s AND d.state NOT IN ('failed', 'undone'))",
        [case, release],
    ).fetchone()
    return bool(row and row[0])


def going(conn: Connection[Any], *, over: Instant = 0) -> list[Statement]:
    """Statements that are approved, in their order; with ``over`` those under way whose time is over then. Locked, those that
    somebody else has in hand left out."""
    if over:
        return _statements(
            conn,
            "state IN ('draft', 'held', 'approved', 'stopped') AND expires_at <= %s ORDER BY id FOR UPDATE SKIP LOCKED",
            [to_datetime(over)],
        )
    return _statements(conn, "state = 'approved' ORDER BY id FOR UPDATE SKIP LOCKED", [])


def let_go(conn: Connection[Any], statement_id: int, going: Sequence[tuple[int, int]]) -> None:
    """These cases have a reply on its way: (case, release)."""
    conn.execute(
        "UPDATE statement_reply r SET state = 'let_go', release_id = g.release"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS g (case_id, release)"
        " WHERE r.statement_id = %s AND r.case_id = g.case_id",
        [bigints([case for case, _ in going]), bigints([release for _, release in going]), statement_id],
    )


def leave_out(conn: Connection[Any], statement_id: int, found: Sequence[LeftOut]) -> None:
    """These cases do not get it."""
    conn.execute(
        "UPDATE statement_reply r SET state = 'left_out', why = g.why, detail = g.detail"
        " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS g (case_id, why, detail)"
        " WHERE r.statement_id = %s AND r.case_id = g.case_id AND r.state = 'waiting'",
        [
            bigints([one.case for one in found]), [one.why for one in found], [one.detail[:300] for one in found],
            statement_id,
        ],
    )  # fmt: skip


def take_back(conn: Connection[Any], statement_id: int, by: str, now: Instant) -> list[int]:
    """Takes back what has not begun to leave: those cases wait again. Gives their releases, which are withdrawn.

    What is in the middle of a try is tried no more by itself if its network did not take it.
    """
    rows = conn.execute(
        """
        WITH back AS (
            UPDATE delivery d SET state = 'undone', settled_by = %(by)s, changed_at = %(now)s
            FROM statement_reply r WHERE r.statement_id = %(statement)s AND r.release_id = d.release_id
                AND d.state IN ('waiting', 'overdue')
            RETURNING d.release_id
        ), last AS (
            UPDATE delivery d SET go_by = least(d.go_by, %(now)s)
            FROM statement_reply r WHERE r.statement_id = %(statement)s AND r.release_id = d.release_id
                AND d.state IN ('attempting', 'unclear')
        ), withdrawn AS (
            UPDATE release SET state = 'withdrawn' FROM back WHERE release.id = back.release_id
        ), void AS (
            UPDATE approval a SET voided_at = %(now)s, voided_why = 'the statement was stopped' FROM back
            WHERE a.release_id = back.release_id AND a.voided_at IS NULL
        ), waiting AS (
            UPDATE statement_reply r SET state = 'waiting', release_id = NULL FROM back
            WHERE r.statement_id = %(statement)s AND r.release_id = back.release_id
        )
        SELECT release_id FROM back ORDER BY release_id
        """,
        {"by": by, "now": to_datetime(now), "statement": statement_id},
    )
    return [row[0] for row in rows]


def leave_rest_out(conn: Connection[Any], statement_id: int, why: str) -> list[LeftOut]:
    """Whoever waits does not get it any more. Gives those cases."""
    rows = conn.execute(
        "UPDATE statement_reply SET state = 'left_out', why = %s WHERE statement_id = %s AND state = 'waiting' RETURNING case_id",
        [why, statement_id],
    ).fetchall()
    return [LeftOut(row[0], why) for row in sorted(rows)]


def left_out(conn: Connection[Any], statement_id: int) -> list[LeftOut]:
    """The cases that do not get it, in order."""
    rows = conn.execute(
        "SELECT case_id, why FROM statement_reply WHERE statement_id = %s AND state = 'left_out' ORDER BY case_id",
        [statement_id],
    )
    return [LeftOut(*row) for row in rows]


def said(conn: Connection[Any], digests: Sequence[bytes]) -> set[bytes]:
    """Which of these very sayings went, or are about to go."""
    rows = conn.execute(
        "SELECT digest FROM delivery WHERE digest = ANY(%s) AND state NOT IN ('failed', 'undone')",
        [list(digests)],
    )
    return {bytes(row[0]) for row in rows}
