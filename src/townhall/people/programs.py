"""SQL of programs: for whom a token speaks, and what was answered under an idempotency key. Never commits."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.kernel.clock import DAY, Instant, to_datetime
from townhall.people.doors import Asker
from townhall.people.store import digest

KEPT_FOR: Instant = DAY
"""How long an answer is given again for the same key."""
_SWEPT = 100


class Program(Struct, frozen=True):
    """A token that was shown, and whom it speaks for: a person with what the token may of theirs, or the program itself."""

    token_id: int
    name: str
    asker: Asker


class Kept(Struct, frozen=True):
    """What was answered before. ``request`` is the digest of what was asked."""

    request: bytes
    status: int
    media_type: str
    body: bytes


def program_of(conn: Connection[Any], secret: str) -> Program | None:
    """Whose token this is, or ``None`` when it is unknown, ended, out of date, or its person has no seat any more."""
    row = conn.execute(
        "SELECT token_id, brand_id, name, roles, brand_slug, staff_id, staff_name FROM token_holder(%s)",
        [digest(secret)],
    ).fetchone()
    if row is None:
        return None
    token_id, brand, name, roles, slug, staff, staff_name = row
    asker = Asker(
        staff_id=staff, name=staff_name or f"token-{token_id}", brand_id=brand, brand_slug=slug,
        roles=frozenset(roles),
    )  # fmt: skip
    return Program(token_id, name, asker)


def maker_of(conn: Connection[Any], brand: int, name: str) -> int:
    """Who made the token of the program that goes by this name in the brand's records; 0 for the operator, and for none."""
    number = name.rpartition("-")[2]
    if name != f"token-{number}" or not number.isdecimal() or len(number) > 18:
        return 0
    row = conn.execute(
        "SELECT coalesce(made_by, 0) FROM api_token WHERE id = %s AND brand_id = %s", [int(number), brand]
    ).fetchone()
    return int(row[0]) if row else 0


def claim(conn: Connection[Any], program: Program, key: str, request: bytes, now: Instant) -> Kept | None:
    """Takes a key for this transaction; ``None`` when it was free. Waits for whoever is answering under it now."""
    brand = program.asker.brand_id
    _sweep(conn, brand, now - KEPT_FOR)
    taken = conn.execute(
        """
        INSERT INTO program_answer AS a (token_id, brand_id, key, request, asked_at) VALUES (%(token)s, %(brand)s, %(key)s, %(request)s, %(now)s)
        ON CONFLICT (token_id, key) DO UPDATE SET request = excluded.request, asked_at = excluded.asked_at,
            status = NULL, media_type = NULL, body = NULL
        WHERE a.asked_at < %(old)s RETURNING 1
        """,
        {
            "token": program.token_id, "brand": brand, "key": key, "request": request, "now": to_datetime(now),
            "old": to_datetime(now - KEPT_FOR),
        },
    ).fetchone()  # fmt: skip
    return None if taken else _kept(conn, program.token_id, key)


def _sweep(conn: Connection[Any], brand: int, before: Instant) -> None:
    conn.execute(
        "DELETE FROM program_answer WHERE ctid = ANY(ARRAY(SELECT ctid FROM program_answer WHERE brand_id = %s"
        " AND asked_at < %s LIMIT %s FOR UPDATE SKIP LOCKED))",
        [brand, to_datetime(before), _SWEPT],
    )


def _kept(conn: Connection[Any], token_id: int, key: str) -> Kept | None:
    row = conn.execute(
        "SELECT request, status, media_type, body FROM program_answer WHERE token_id = %s AND key = %s",
        [token_id, key],
    ).fetchone()
    return Kept(bytes(row[0]), row[1], row[2], bytes(row[3])) if row else None


def keep(conn: Connection[Any], token_id: int, key: str, status: int, media_type: str, body: bytes) -> None:
    """Keeps the answer under its key, to be given again."""
    conn.execute(
        "UPDATE program_answer SET status = %s, media_type = %s, body = %s WHERE token_id = %s AND key = %s",
        [status, media_type, body, token_id, key],
    )
