"""SQL of a brand's own systems. Secrets are read and written as a worker: pages see whether there is one."""

from typing import Any, Literal

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import MINUTE, Instant, to_datetime
from townhall.vault import Sealed, open_sealed, seal

Kind = Literal["panel", "translation"]
QUIET: Instant = MINUTE
"""What became of questions is written down once in this time, unless it changed."""
_LABEL = b"own system"
_LONGEST_WHY = 400


class OwnSystem(Struct, frozen=True):
    """One system of a brand, as pages may know it. ``settings`` are of its kind; ``failed_why`` is the last failure's
    ("" when it answered after that), and moments that never were are 0."""

    brand_id: int
    kind: Kind
    name: str
    address: str
    has_secret: bool
    settings: dict[str, Any]
    set_by: str
    set_at: Instant
    answered_at: Instant
    failed_at: Instant
    failed_why: str


class Access(Struct, frozen=True):
    """What is needed to ask it: ``outside`` is whether somebody else than the operator chose the address."""

    address: str
    outside: bool
    secret: str

    def __repr__(self) -> str:
        """Never the secret."""
        return f"Access(outside={self.outside})"


_COLUMNS = """
    brand_id, kind, name, address, has_secret, settings, set_by, set_at, coalesce(answered_at, 'epoch'),
    coalesce(failed_at, 'epoch'), failed_why
"""


def one(conn: Connection[Any], brand: int, kind: Kind) -> OwnSystem | None:
    """The brand's system of that kind."""
    row = (
        reader(conn)
        .execute(f"SELECT {_COLUMNS} FROM own_system WHERE brand_id = %s AND kind = %s", [brand, kind])
        .fetchone()
    )
    return OwnSystem(*row) if row else None


def access(conn: Connection[Any], kek: bytes, brand: int, kind: Kind) -> Access | None:
    """What is needed to ask it; as a worker. Raises ``Broken`` for a damaged secret."""
    row = conn.execute(
        "SELECT address, outside, secret_key, secret_body FROM own_system WHERE brand_id = %s AND kind = %s",
        [brand, kind],
    ).fetchone()
    if row is None:
        return None
    address, outside, key, body = row
    secret = open_sealed(kek, Sealed(bytes(key), bytes(body)), _LABEL).decode() if body else ""
    return Access(address, outside, secret)


def put(
    conn: Connection[Any], kek: bytes, brand: int, kind: Kind, name: str, given: Access, settings: dict[str, Any], by: str,
    now: Instant,
) -> None:  # fmt: skip
    """Sets the system, in place of what was there; as a worker."""
    sealed = seal(kek, given.secret.encode(), _LABEL) if given.secret else None
    conn.execute(
        """
        INSERT INTO own_system (brand_id, kind, name, address, outside, secret_key, secret_body, settings, set_by, set_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
        ON CONFLICT (brand_id, kind) DO UPDATE SET name = excluded.name, address = excluded.address,
            outside = excluded.outside, secret_key = excluded.secret_key, secret_body = excluded.secret_body,
            settings = excluded.settings, set_by = excluded.set_by, set_at = excluded.set_at, answered_at = NULL,
            failed_at = NULL, failed_why = ''
        """,
        [brand, kind, name, given.address, given.outside, sealed.key if sealed else None, sealed.body if sealed else None,
         msgspec.json.encode(settings).decode(), by, to_datetime(now)],
    )  # fmt: skip


def forget(conn: Connection[Any], brand: int, kind: Kind) -> bool:
    """Destroys what is known of the system, its secret too; as a worker. Whether there was one."""
    done = conn.execute("DELETE FROM own_system WHERE brand_id = %s AND kind = %s", [brand, kind])
    return done.rowcount > 0


def note(conn: Connection[Any], brand: int, kind: Kind, now: Instant, failed_why: str) -> None:
    """Writes down what became of a question ("": it answered), unless the same was written within ``QUIET``."""
    at, why = to_datetime(now), failed_why.replace("\x00", "\ufffd")[:_LONGEST_WHY]
    conn.execute(
        """
        UPDATE own_system SET answered_at = CASE WHEN %(why)s = '' THEN %(at)s ELSE answered_at END,
            failed_at = CASE WHEN %(why)s = '' THEN failed_at ELSE %(at)s END, failed_why = %(why)s
        WHERE brand_id = %(brand)s AND kind = %(kind)s AND (failed_why <> %(why)s
            OR coalesce(CASE WHEN %(why)s = '' THEN answered_at ELSE failed_at END, 'epoch') < %(quiet)s)
        """,
        {"why": why, "at": at, "brand": brand, "kind": kind, "quiet": to_datetime(now - QUIET)},
    )
