"""All SQL of people: brands, seats, tokens, first links. Takes a connection and never commits."""

import hashlib
import secrets
from datetime import timedelta

import psycopg
from msgspec import Struct

from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import Refused
from townhall.people.brands import Brand
from townhall.people.logic import unknown_roles

FIRST_LINK_HOURS = 24


class Seat(Struct, frozen=True):
    """One member of a brand."""

    staff_id: int
    name: str
    email: str
    active: bool
    operator: bool
    roles: tuple[str, ...]


class Token(Struct, frozen=True):
    """A program's token, never its secret."""

    id: int
    name: str
    roles: tuple[str, ...]
    made_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    used_at: Instant | None
    speaks_for: int | None = None


def digest(secret: str) -> bytes:
    """SHA-256 of a random secret: 256 bits of chance need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def brands_of(conn: psycopg.Connection, staff_id: int) -> list[Brand]:
    """The brands somebody has a seat at, by name."""
    rows = conn.execute("SELECT id, slug, name, zone, state, demo FROM brands_of(%s)", [staff_id])
    return [Brand(*row) for row in rows]


def roles_at(conn: psycopg.Connection, staff_id: int, brand_id: int) -> frozenset[str]:
    """Somebody's roles at a brand; none when they have no seat or are switched off."""
    row = conn.execute(
        "SELECT m.roles FROM membership m JOIN staff s ON s.id = m.staff_id"
        " WHERE m.staff_id = %s AND m.brand_id = %s AND s.is_active",
        [staff_id, brand_id],
    ).fetchone()
    return frozenset(row[0]) if row else frozenset()


def found_brand(conn: psycopg.Connection, slug: str, name: str, zone: str, operator_id: int) -> int:
    """A new, observing brand made by an operator on a page. Raises ``Refused`` when the slug is taken."""
    try:
        row = conn.execute("SELECT make_brand(%s, %s, %s, %s)", [slug, name, zone, operator_id]).fetchone()
    except psycopg.errors.UniqueViolation as taken:
        raise Refused(f"There is a brand named {slug} already. Choose another short name.") from taken
    assert row
    return int(row[0])


def leave_observe(conn: psycopg.Connection, brand_id: int) -> bool:
    """Lets the brand answer. ``False`` when it already could."""
    done = conn.execute("UPDATE brand SET state = 'live' WHERE id = %s AND state = 'observe'", [brand_id])
    return done.rowcount == 1


def return_to_observe(conn: psycopg.Connection, brand_id: int) -> bool:
    """Makes the brand observe again. ``False`` when it already did."""
    done = conn.execute("UPDATE brand SET state = 'observe' WHERE id = %s AND state = 'live'", [brand_id])
    return done.rowcount == 1


def seats(conn: psycopg.Connection, brand_id: int) -> list[Seat]:
    """Everybody with a seat at the brand, by name."""
    rows = conn.execute(
        "SELECT s.id, s.name, s.email, s.is_active, s.operator, m.roles FROM membership m"
        " JOIN staff s ON s.id = m.staff_id WHERE m.brand_id = %s ORDER BY s.name, s.id",
        [brand_id],
    )
    return [Seat(row[0], row[1], row[2], row[3], row[4], tuple(row[5])) for row in rows]


def set_roles(conn: psycopg.Connection, brand_id: int, staff_id: int, roles: frozenset[str]) -> None:
    """Gives somebody exactly these roles at the brand; none takes the seat away. Raises ``Refused`` on a word that is no role."""
    if wrong := unknown_roles(roles):
        raise Refused(f"There is no role {', '.join(wrong)}.")
    if not roles:
        conn.execute("DELETE FROM membership WHERE brand_id = %s AND staff_id = %s", [brand_id, staff_id])
        return
    conn.execute(
        "INSERT INTO membership (staff_id, brand_id, roles) VALUES (%s, %s, %s)"
        " ON CONFLICT (staff_id, brand_id) DO UPDATE SET roles = EXCLUDED.roles",
        [staff_id, brand_id, sorted(roles)],
    )


def make_token(
    conn: psycopg.Connection,
    brand_id: int,
    name: str,
    roles: frozenset[str],
    *,
    expires_at: Instant | None,
    made_by: int | None,
    speaks_for: int | None = None,
) -> tuple[int, str]:
    """A token for a program: its id, and the secret, which is shown once and kept only as a digest.

    ``speaks_for`` is a member of staff: what the token does is theirs, and it may at most what they may.
    """
    if wrong := unknown_roles(roles):
        raise Refused(f"There is no role {', '.join(wrong)}.")
    secret = "th_" + secrets.token_urlsafe(32)
    row = conn.execute(
        "INSERT INTO api_token (brand_id, name, roles, digest, made_by, expires_at, speaks_for)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            brand_id, name, sorted(roles), digest(secret), made_by, expires_at and to_datetime(expires_at), speaks_for,
        ],
    ).fetchone()  # fmt: skip
    assert row
    return int(row[0]), secret


def revoke_token(conn: psycopg.Connection, brand_id: int, token_id: int) -> bool:
    """Ends a token. ``False`` when there is none or it had ended."""
    done = conn.execute(
        "UPDATE api_token SET revoked_at = clock_timestamp() WHERE id = %s AND brand_id = %s AND revoked_at IS NULL",
        [token_id, brand_id],
    )
    return done.rowcount == 1


def tokens(conn: psycopg.Connection, brand_id: int) -> list[Token]:
    """The brand's tokens, newest first."""
    rows = conn.execute(
        "SELECT id, name, roles, made_at, expires_at, revoked_at, used_at, speaks_for FROM api_token"
        " WHERE brand_id = %s ORDER BY id DESC",
        [brand_id],
    )
    return [Token(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]


def first_link(conn: psycopg.Connection, now: Instant) -> str | None:
    """The secret of a fresh one-time link while nobody can sign in yet, else ``None``. Earlier links end."""
    if conn.execute("SELECT EXISTS (SELECT 1 FROM staff WHERE is_active AND operator)").fetchone() == (True,):
        return None
    secret = secrets.token_urlsafe(32)
    conn.execute("DELETE FROM first_link WHERE used_at IS NULL")
    conn.execute(
        "INSERT INTO first_link (digest, expires_at) VALUES (%s, %s)",
        [digest(secret), to_datetime(now) + timedelta(hours=FIRST_LINK_HOURS)],
    )
    return secret


def first_link_holds(conn: psycopg.Connection, secret: str) -> bool:
    """Whether the link can still be used."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM first_link WHERE digest = %s AND used_at IS NULL AND expires_at > clock_timestamp())",
        [digest(secret)],
    ).fetchone()
    return bool(row and row[0])


def use_first_link(conn: psycopg.Connection, secret: str) -> bool:
    """Spends the link: the conditional update lets exactly one caller through."""
    done = conn.execute(
        "UPDATE first_link SET used_at = clock_timestamp()"
        " WHERE digest = %s AND used_at IS NULL AND expires_at > clock_timestamp()",
        [digest(secret)],
    )
    return done.rowcount == 1


def seat_operator(conn: psycopg.Connection, staff_id: int) -> None:
    """Gives an operator a seat with every role at each brand there is; later brands follow by themselves."""
    conn.execute("SELECT seat_operator_everywhere(%s)", [staff_id])


def ensure_colleague(conn: psycopg.Connection, brand_id: int, name: str, roles: frozenset[str]) -> int:
    """A made-up member of staff with a seat, for a demo: nobody can sign in as them. Gives their id."""
    address = f"{name.split()[0].lower()}@demo.invalid"
    row = conn.execute(
        "INSERT INTO staff (email, name, password, operator, is_active, date_joined, zone, theme, density, single_keys)"
        " VALUES (%s, %s, '!', false, true, clock_timestamp(), '', '', '', true)"
        " ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name RETURNING id",
        [address, name],
    ).fetchone()
    assert row
    set_roles(conn, brand_id, row[0], roles)
    return int(row[0])
