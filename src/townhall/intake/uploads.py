"""SQL of files handed in on a page: what was asked, how far it is, and what a page shows of it."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.vault import Sealed

_COLUMNS = """u.id, u.brand_id, u.account_id, u.token, u.name, u.packing, u.bytes, u.state, u.line, u.at_byte,
    coalesce(u.run_id, 0), u.error, u.asked_by, u.asked_at, coalesce(u.ended_at, 'epoch')"""
_OPEN = "('asked', 'reading', 'understanding')"


class Upload(Struct, frozen=True):
    """A file that was handed in. ``line`` is the last line handed on, ``at_byte`` how much of the file that is;
    ``run_id`` 0 before the first line, ``ended_at`` 0 before its end."""

    id: int
    brand_id: int
    account_id: int
    token: str
    name: str
    packing: str
    bytes: int
    state: str
    line: int
    at_byte: int
    run_id: int
    error: str
    asked_by: str
    asked_at: Instant
    ended_at: Instant

    @property
    def is_open(self) -> bool:
        """Whether there is more to do."""
        return self.state in ("asked", "reading", "understanding")


class Shown(Struct, frozen=True):
    """An upload with the counts of its lines, as a page shows it; ``waiting`` are still to be understood."""

    of: Upload
    handle: str
    read: int
    accepted: int
    duplicates: int
    rejected: int
    waiting: int

    @property
    def percent(self) -> int:
        """How much of what it does now is done."""
        if self.of.state == "understanding":
            return 100 * (self.read - self.waiting) // max(self.read, 1)
        return 100 * self.of.at_byte // max(self.of.bytes, 1)


def add(
    conn: Connection[Any], brand: int, account: int, token: str, name: str, packing: str, size: int, by: str, now: Instant
) -> int:  # fmt: skip
    """Keeps what was handed in; gives its id."""
    row = conn.execute(
        "INSERT INTO upload (brand_id, account_id, token, name, packing, bytes, asked_by, asked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [brand, account, token, name, packing, size, by, to_datetime(now)],
    ).fetchone()
    assert row is not None
    return int(row[0])


def open_count(conn: Connection[Any], brand: int) -> int:
    """How many of the brand's are not at their end."""
    row = conn.execute(
        f"SELECT count(*) FROM upload WHERE brand_id = %s AND state IN {_OPEN}", [brand]
    ).fetchone()
    assert row is not None
    return int(row[0])


def unread(conn: Connection[Any]) -> Upload | None:
    """The oldest that is not read to its end, of any brand."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM upload u WHERE state IN ('asked', 'reading') ORDER BY id LIMIT 1",
        )
        .fetchone()
    )
    return Upload(*row) if row else None


def hold(conn: Connection[Any], upload: int) -> Upload | None:
    """One that is not at its end, locked until the transaction ends; ``None`` when somebody called it off."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM upload u WHERE id = %s AND state IN {_OPEN} FOR UPDATE",
            [upload],
        )
        .fetchone()
    )
    return Upload(*row) if row else None


def understood(conn: Connection[Any]) -> list[Upload]:
    """Those whose lines were all read and of which none waits for the pipeline any more."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM upload u WHERE state = 'understanding' AND NOT EXISTS (SELECT 1 FROM delivery_pending p"
        " JOIN delivery_block b ON b.id = p.block_id WHERE b.run_id = u.run_id) ORDER BY id"
    )
    return [Upload(*row) for row in rows]


def advance(conn: Connection[Any], upload: int, line: int, at_byte: int, run: int) -> None:
    """Keeps how far it was read."""
    conn.execute(
        "UPDATE upload SET state = 'reading', line = %s, at_byte = %s, run_id = %s WHERE id = %s",
        [line, at_byte, run, upload],
    )


def put(conn: Connection[Any], upload: int, state: str, now: Instant, error: str = "") -> None:
    """Puts it into another state; one that is an end gets its time."""
    conn.execute(
        "UPDATE upload SET state = %s, error = %s, at_byte = CASE WHEN %s = 'understanding' THEN bytes ELSE at_byte END,"
        " ended_at = CASE WHEN %s = 'understanding' THEN NULL ELSE %s::timestamptz END WHERE id = %s",
        [state, error, state, state, to_datetime(now), upload],
    )


def tokens(conn: Connection[Any]) -> set[str]:
    """Those of files that are still needed."""
    rows = conn.execute("SELECT token FROM upload WHERE state IN ('asked', 'reading')")
    return {row[0] for row in rows}


def newest(conn: Connection[Any], brand: int, most: int) -> list[Shown]:
    """The brand's newest, each with its counts. One query."""
    rows = reader(conn).execute(
        f"""
        SELECT {_COLUMNS}, coalesce(a.handle, ''), coalesce(r.read, 0), coalesce(r.accepted + r.folded, 0),
            coalesce(r.duplicates, 0), coalesce(r.rejected, 0),
            coalesce(greatest(r.read - r.accepted - r.folded - r.duplicates - r.rejected, 0), 0)
        FROM upload u LEFT JOIN import_run r ON r.id = u.run_id LEFT JOIN account a ON a.id = u.account_id
        WHERE u.brand_id = %s ORDER BY u.id DESC LIMIT %s
        """,
        [brand, most],
    )
    return [_shown(row) for row in rows]


def one(conn: Connection[Any], brand: int, upload: int) -> Upload | None:
    """One of the brand's."""
    row = (
        reader(conn)
        .execute(f"SELECT {_COLUMNS} FROM upload u WHERE id = %s AND brand_id = %s", [upload, brand])
        .fetchone()
    )
    return Upload(*row) if row else None


def rejects(
    conn: Connection[Any], brand: int, run: int, most: int, most_bytes: int
) -> list[tuple[int, str, Sealed]]:
    """(line, reason, what stood there) of what a run could not take, by line: the first ``most``, and of them as many as
    ``most_bytes`` hold."""
    rows = conn.execute(
        """
        WITH first AS (
            SELECT id, line, sum(octet_length(body)) OVER (ORDER BY line, id ROWS UNBOUNDED PRECEDING) AS upto FROM reject
            WHERE run_id = %s AND brand_id = %s AND key IS NOT NULL ORDER BY line, id LIMIT %s
        )
        SELECT coalesce(f.line, 0), r.reason, r.key, r.body FROM first f JOIN reject r ON r.id = f.id
        WHERE f.upto <= %s ORDER BY f.line, f.id
        """,
        [run, brand, most, most_bytes],
    )
    return [(line, reason, Sealed(bytes(key), bytes(body))) for line, reason, key, body in rows]


def _shown(row: tuple[Any, ...]) -> Shown:
    width = len(Upload.__struct_fields__)
    return Shown(Upload(*row[:width]), *row[width:])
