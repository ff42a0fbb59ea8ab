"""SQL of customers' photos: which are wanted, which are kept (sealed), which cannot be shown and why."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import DAY, SECOND, Instant, to_datetime
from townhall.kernel.errors import NotFound
from townhall.vault import Sealed

KEEP: Instant = 30 * DAY
"""How long after it was last looked at a photo is kept."""
MOST_KEPT = 2 << 30
"""Bytes of all kept photos; beyond, those that nobody looked at for longest go first."""
TRIES = 3
_PAUSE: Instant = 5 * SECOND


class Wanted(Struct, frozen=True):
    """A photo to fetch: which of a post's, where it lies, and how often that was tried."""

    post_id: int
    place: int
    url: str
    tries: int


class Looked(Struct, frozen=True):
    """How a photo stands: ``wanted``, ``kept`` with its type and sealed bytes, or ``refused`` and why."""

    state: str
    url: str = ""
    why: str = ""
    media_type: str = ""
    sealed: Sealed | None = None


def address(conn: Connection[Any], brand: int, post_id: int, place: int) -> str:
    """Where a post's photo lies. Raises ``NotFound`` when there is none, or its author took the post back."""
    row = conn.execute(
        "SELECT media -> %s ->> 'url' FROM interaction WHERE id = %s AND brand_id = %s AND deleted_at IS NULL",
        [place, post_id, brand],
    ).fetchone()
    if row is None or not row[0]:
        raise NotFound("There is no such photo, or its author took the post back.")
    return str(row[0])


def look(conn: Connection[Any], brand: int, post_id: int, place: int, url: str, now: Instant) -> Looked:
    """How the photo stands; asking for one that nobody asked for, or that lies elsewhere now, makes it wanted."""
    row = conn.execute(
        "SELECT state, url, why, media_type, key, body FROM photo WHERE post_id = %s AND place = %s AND brand_id = %s",
        [post_id, place, brand],
    ).fetchone()
    if row and row[1] == url:
        _seen(conn, post_id, place, now)
        sealed = Sealed(bytes(row[4]), bytes(row[5])) if row[5] is not None else None
        return Looked(row[0], row[1], row[2], row[3], sealed)
    conn.execute(
        """
        INSERT INTO photo AS p (post_id, place, brand_id, url, due_at, seen_at) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (post_id, place) DO UPDATE SET url = excluded.url, state = 'wanted', why = '', tries = 0,
            key = NULL, body = NULL, due_at = excluded.due_at WHERE p.url <> excluded.url
        """,
        [post_id, place, brand, url, to_datetime(now), to_datetime(now)],
    )
    return Looked("wanted", url)


def due(conn: Connection[Any], now: Instant, limit: int = 16) -> list[Wanted]:
    """What is to be fetched now, the longest waiting first."""
    rows = reader(conn).execute(
        "SELECT post_id, place, url, tries FROM photo WHERE state = 'wanted' AND due_at <= %s ORDER BY due_at LIMIT %s",
        [to_datetime(now), limit],
    )
    return [Wanted(*row) for row in rows]


def keep(conn: Connection[Any], one: Wanted, media_type: str, sealed: Sealed) -> None:
    """The photo is here."""
    conn.execute(
        "UPDATE photo SET state = 'kept', media_type = %s, key = %s, body = %s"
        " WHERE post_id = %s AND place = %s AND url = %s",
        [media_type, sealed.key, sealed.body, one.post_id, one.place, one.url],
    )


def put_off(conn: Connection[Any], one: Wanted, why: str, now: Instant, *, final: bool) -> None:
    """It could not be fetched: tried again a while later, ``TRIES`` times in all, or refused at once when ``final``."""
    over = final or one.tries + 1 >= TRIES
    conn.execute(
        "UPDATE photo SET tries = tries + 1, why = %s, state = %s, due_at = %s WHERE post_id = %s AND place = %s AND url = %s",
        [why[:200], "refused" if over else "wanted", to_datetime(now + _PAUSE * 6**one.tries), one.post_id, one.place, one.url],
    )  # fmt: skip


def sweep(conn: Connection[Any], now: Instant, most: int = MOST_KEPT) -> int:
    """Lets photos go: of posts that were taken back, not looked at for 30 days, and beyond the bound. Gives how many."""
    gone = conn.execute(
        """
        DELETE FROM photo p WHERE p.seen_at < %(old)s
            OR EXISTS (SELECT 1 FROM interaction i WHERE i.id = p.post_id AND i.deleted_at IS NOT NULL)
            OR (p.post_id, p.place) IN (
                SELECT post_id, place FROM (
                    SELECT post_id, place, sum(octet_length(body)) OVER (ORDER BY seen_at DESC, post_id, place) AS bytes
                    FROM photo WHERE state = 'kept') newest WHERE bytes > %(most)s)
        """,
        {"old": to_datetime(now - KEEP), "most": most},
    )
    return gone.rowcount


def _seen(conn: Connection[Any], post_id: int, place: int, now: Instant) -> None:
    conn.execute(
        "UPDATE photo SET seen_at = %(now)s WHERE post_id = %(post)s AND place = %(place)s"
        " AND seen_at < %(now)s - interval '1 hour'",
        {"now": to_datetime(now), "post": post_id, "place": place},
    )
