"""What a brand forbids, requires and allows in its texts, its own hosts, and remarks that people waved away."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.logic.words import Term


class KeptTerm(Struct, frozen=True):
    """A term with its id, and who made it when, for the page that manages them."""

    id: int
    term: Term
    made_by: str = ""
    made_at: Instant = 0


def terms(conn: Connection[Any], brand_id: int) -> list[KeptTerm]:
    """The terms in force."""
    rows = reader(conn).execute(
        "SELECT id, made_by, made_at, kind, words, reason, severity, trigger FROM outbound_term"
        " WHERE brand_id = %s AND ended_at IS NULL ORDER BY id",
        [brand_id],
    )
    return [KeptTerm(row[0], Term(*row[3:]), row[1], row[2]) for row in rows]


def add_term(conn: Connection[Any], brand_id: int, term: Term, by: str, now: Instant) -> int:
    """A new term; gives its id."""
    row = conn.execute(
        "INSERT INTO outbound_term (brand_id, kind, words, reason, severity, trigger, made_by, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [brand_id, term.kind, term.words, term.reason, term.severity, term.trigger, by, to_datetime(now)],
    ).fetchone()
    assert row
    return int(row[0])


def end_term(conn: Connection[Any], brand_id: int, term_id: int, now: Instant) -> bool:
    """Ends a term; whether it was in force."""
    done = conn.execute(
        "UPDATE outbound_term SET ended_at = %s WHERE id = %s AND brand_id = %s AND ended_at IS NULL",
        [to_datetime(now), term_id, brand_id],
    )
    return done.rowcount == 1


def domains(conn: Connection[Any], brand_id: int) -> tuple[str, ...]:
    """The brand's own hosts, sorted."""
    rows = conn.execute("SELECT host FROM brand_domain WHERE brand_id = %s ORDER BY host", [brand_id])
    return tuple(row[0] for row in rows)


def domains_of_all(conn: Connection[Any]) -> dict[int, tuple[str, ...]]:
    """Every brand's own hosts, sorted."""
    rows = conn.execute("SELECT brand_id, array_agg(host ORDER BY host) FROM brand_domain GROUP BY brand_id")
    return {row[0]: tuple(row[1]) for row in rows}


def add_domain(conn: Connection[Any], brand_id: int, host: str) -> None:
    """A host of the brand's own, in lower case; children of it are its own too."""
    conn.execute(
        "INSERT INTO brand_domain (brand_id, host) VALUES (%s, %s) ON CONFLICT DO NOTHING", [brand_id, host]
    )


def drop_domain(conn: Connection[Any], brand_id: int, host: str) -> bool:
    """Takes a host away; whether it was there."""
    done = conn.execute("DELETE FROM brand_domain WHERE brand_id = %s AND host = %s", [brand_id, host])
    return done.rowcount == 1


def dismiss(
    conn: Connection[Any],
    brand_id: int,
    case_id: int,
    staff_id: int,
    kind: str,
    span: bytes,
    because: str,
    now: Instant,
) -> None:
    """Keeps why somebody holds a remark for no problem; the latest reason stands."""
    conn.execute(
        "DELETE FROM dismissal WHERE brand_id = %s AND case_id = %s AND kind = %s AND span = %s",
        [brand_id, case_id, kind, span],
    )
    conn.execute(
        "INSERT INTO dismissal (brand_id, case_id, staff_id, kind, span, because, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [brand_id, case_id, staff_id, kind, span, because, to_datetime(now)],
    )


def dismissed_since(conn: Connection[Any], brand_id: int, since: Instant) -> list[tuple[str, int]]:
    """How many remarks of each kind people held for no problem since then, the most first."""
    rows = conn.execute(
        "SELECT kind, count(*) FROM dismissal WHERE brand_id = %s AND made_at >= %s GROUP BY kind"
        " ORDER BY count(*) DESC, kind",
        [brand_id, to_datetime(since)],
    )
    return [(row[0], row[1]) for row in rows]


def dismissals(conn: Connection[Any], case_id: int) -> dict[tuple[str, bytes], str]:
    """The reasons given at a case: (kind, SHA-256 of the words concerned) → because."""
    rows = conn.execute("SELECT kind, span, because FROM dismissal WHERE case_id = %s", [case_id])
    return {(row[0], bytes(row[1])): row[2] for row in rows}
