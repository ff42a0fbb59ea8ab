"""SQL of a brand's own models: versions by head, their files, and the acts that move them."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, json
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_SPACE = 0x6D6F64
_COLUMNS = """id, brand_id, head, number, state, digest, card, made_by_id, made_by, made_at, activated_by,
    coalesce(activated_at, 'epoch')"""


class OwnModel(Struct, frozen=True):
    """A version. ``number`` counts within brand and head; ``card`` says how it was made and how good it is; ``digest`` is its
    file's SHA-256 (hex)."""

    id: int
    brand: int
    head: str
    number: int
    state: str
    digest: str
    card: dict[str, Any]
    made_by_id: int
    made_by: str
    made_at: Instant
    activated_by: str
    activated_at: Instant


class Act(Struct, frozen=True):
    """What somebody did with a version; ``number`` is 0 for going back to the shipped model."""

    id: int
    head: str
    number: int
    act: str
    at: Instant
    by: str
    remark: str


def add(
    conn: Connection[Any], brand: int, head: str, card: dict[str, Any], raw: bytes, digest: str, by_id: int, by: str, now: Instant
) -> OwnModel:  # fmt: skip
    """The next version of a head, as a candidate, with its file."""
    lock(conn, brand)
    row = (
        reader(conn)
        .execute(
            f"""
        INSERT INTO own_model (brand_id, head, number, digest, card, made_by_id, made_by, made_at)
        SELECT %(brand)s, %(head)s, coalesce(max(number), 0) + 1, %(digest)s, %(card)s::jsonb, %(by_id)s, %(by)s, %(at)s
        FROM own_model WHERE brand_id = %(brand)s AND head = %(head)s RETURNING {_COLUMNS}
        """,
            {
                "brand": brand, "head": head, "digest": digest, "card": json.encode(card).decode(), "by_id": by_id, "by": by,
                "at": to_datetime(now),
            },
        )
        .fetchone()
    )  # fmt: skip
    assert row is not None
    made = OwnModel(*row)
    conn.execute(
        "INSERT INTO own_model_file (model_id, brand_id, raw) VALUES (%s, %s, %s)", [made.id, brand, raw]
    )
    return made


def lock(conn: Connection[Any], brand: int) -> None:
    """One act on a brand's models at a time, until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, brand])


def get(conn: Connection[Any], brand: int, head: str, number: int) -> OwnModel | None:
    """A brand's version of that number."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM own_model WHERE brand_id = %s AND head = %s AND number = %s",
            [brand, head, number],
        )
        .fetchone()
    )
    return OwnModel(*row) if row else None


def active(conn: Connection[Any], brand: int, head: str) -> OwnModel | None:
    """The version that reads a head for a brand; None while the shipped model does."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM own_model WHERE brand_id = %s AND head = %s AND state = 'active'",
            [brand, head],
        )
        .fetchone()
    )
    return OwnModel(*row) if row else None


def versions(conn: Connection[Any], brand: int, before: int, most: int, head: str = "") -> list[OwnModel]:
    """Versions of a brand (of one head, if named), the newest first, those with a smaller id than ``before`` (0: from the newest on)."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM own_model WHERE brand_id = %(brand)s AND (%(before)s = 0 OR id < %(before)s)"
        " AND (%(head)s = '' OR head = %(head)s) ORDER BY id DESC LIMIT %(most)s",
        {"brand": brand, "before": before, "head": head, "most": most},
    )
    return [OwnModel(*row) for row in rows]


def file_of(conn: Connection[Any], model: int) -> bytes:
    """The bytes of a version's file; none when it is gone."""
    row = conn.execute("SELECT raw FROM own_model_file WHERE model_id = %s", [model]).fetchone()
    return bytes(row[0]) if row else b""


def in_use(conn: Connection[Any], held: Sequence[str]) -> list[tuple[int, str, int, str, bytes | None]]:
    """The active versions of every brand: (brand, head, number, digest, file); no file for digests in ``held``."""
    return conn.execute(
        """
        SELECT m.brand_id, m.head, m.number, m.digest, CASE WHEN m.digest = ANY(%s::text[]) THEN NULL ELSE coalesce(f.raw, '') END
        FROM own_model m LEFT JOIN own_model_file f ON f.model_id = m.id AND NOT m.digest = ANY(%s::text[])
        WHERE m.state = 'active' ORDER BY m.brand_id, m.head
        """,
        [list(held), list(held)],
    ).fetchall()


def retire(conn: Connection[Any], brand: int, head: str) -> int:
    """Takes the active version of a head out of use; its number, 0 when there was none."""
    row = conn.execute(
        "UPDATE own_model SET state = 'retired' WHERE brand_id = %s AND head = %s AND state = 'active' RETURNING number",
        [brand, head],
    ).fetchone()
    return int(row[0]) if row else 0


def make_active(conn: Connection[Any], model: OwnModel, by: str, now: Instant) -> bool:
    """Puts a version to use if it is still as it was seen; whether it was. Retire the one before first."""
    done = conn.execute(
        "UPDATE own_model SET state = 'active', activated_by = %s, activated_at = %s WHERE id = %s AND state = %s AND digest = %s",
        [by, to_datetime(now), model.id, model.state, model.digest],
    )
    return bool(done.rowcount)


def remember(
    conn: Connection[Any], brand: int, head: str, model: int, act: str, now: Instant, by_id: int, by: str, remark: str
) -> None:  # fmt: skip
    """Keeps an act beside the version (0: the shipped model)."""
    conn.execute(
        "INSERT INTO own_model_act (brand_id, model_id, head, act, at, by_id, by_name, remark)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [brand, model or None, head, act, to_datetime(now), by_id, by, remark],
    )


def acts(conn: Connection[Any], brand: int, most: int) -> list[Act]:
    """What was done with a brand's models, the newest first."""
    rows = reader(conn).execute(
        "SELECT a.id, a.head, coalesce(m.number, 0), a.act, a.at, a.by_name, a.remark FROM own_model_act a"
        " LEFT JOIN own_model m ON m.id = a.model_id WHERE a.brand_id = %s ORDER BY a.id DESC LIMIT %s",
        [brand, most],
    )
    return [Act(*row) for row in rows]


def newest(conn: Connection[Any], brand: int) -> list[OwnModel]:
    """Of each head the version in use and the newest candidate. One query."""
    rows = reader(conn).execute(
        f"SELECT DISTINCT ON (head, state) {_COLUMNS} FROM own_model WHERE brand_id = %s AND state <> 'retired'"
        " ORDER BY head, state, id DESC",
        [brand],
    )
    return [OwnModel(*row) for row in rows]


def broken(conn: Connection[Any], brand: int) -> set[int]:
    """Versions in use whose file is not the one that was kept. One query, which reads these files."""
    rows = conn.execute(
        """
        SELECT m.id FROM own_model m LEFT JOIN own_model_file f ON f.model_id = m.id
        WHERE m.brand_id = %s AND m.state = 'active' AND m.digest <> coalesce(encode(sha256(f.raw), 'hex'), '')
        """,
        [brand],
    )
    return {row[0] for row in rows}
