"""Drafts: one for each person, case and kind, so that a reload, a crash or another device finds it again."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.logic.words import Picture
from townhall.outbound.store.pictures import read, written

_COLUMNS = "id, brand_id, case_id, staff_id, author, kind, reply_to, text, seen_post, seen_version, version, remark, saved_at, earlier, editor_id, editor, pictures::text"


class Draft(Struct, frozen=True):
    """What somebody has written so far. ``seen_post`` and ``seen_version`` say what they saw when they wrote it.

    ``remark`` is why the text came back ("" when it did not) and ``earlier`` what was handed in then; ``editor`` put words of
    their own into it ("", 0: nobody). ``pictures`` go with the text, in order. ``saved_at`` in microseconds UTC.
    """

    id: int
    brand_id: int
    case_id: int
    staff_id: int
    author: str
    kind: str
    reply_to: int
    text: str
    seen_post: int
    seen_version: int
    version: int
    remark: str
    saved_at: Instant
    earlier: str = ""
    editor_id: int = 0
    editor: str = ""
    pictures: tuple[Picture, ...] = ()


def save(
    conn: Connection[Any], fresh: Draft, known_version: int | None, *, came_back: bool = False
) -> Draft | None:
    """Keeps the draft; ``None`` when another device saved a newer version than ``known_version`` (``None``: any).

    Why it came back, by whose hand and its pictures stay with it while it is written on; ``came_back``: this is a text that does
    now, with its own pictures.
    """
    row = (
        reader(conn)
        .execute(
            f"""
            INSERT INTO draft AS d (brand_id, case_id, staff_id, author, kind, reply_to, text, seen_post, seen_version, remark, saved_at,
                earlier, editor_id, editor, pictures)
            VALUES (%(brand_id)s, %(case_id)s, %(staff_id)s, %(author)s, %(kind)s, %(reply_to)s, %(text)s, %(seen_post)s, %(seen_version)s, %(remark)s, %(now)s,
                %(earlier)s, %(editor_id)s, %(editor)s, %(pictures)s)
            ON CONFLICT (brand_id, case_id, staff_id, kind) DO UPDATE
            SET text = excluded.text, reply_to = excluded.reply_to, seen_post = excluded.seen_post,
                seen_version = excluded.seen_version, version = d.version + 1, saved_at = excluded.saved_at,
                remark = CASE WHEN %(back)s THEN excluded.remark ELSE d.remark END,
                earlier = CASE WHEN %(back)s THEN excluded.earlier ELSE d.earlier END,
                editor_id = CASE WHEN %(back)s THEN excluded.editor_id ELSE d.editor_id END,
                editor = CASE WHEN %(back)s THEN excluded.editor ELSE d.editor END,
                pictures = CASE WHEN %(back)s THEN excluded.pictures ELSE d.pictures END
            WHERE %(known)s::integer IS NULL OR d.version = %(known)s
            RETURNING {_COLUMNS}
            """,
            {
                **asdict(fresh), "now": to_datetime(fresh.saved_at), "known": known_version, "back": came_back,
                "pictures": written(fresh.pictures),
            },
        )
        .fetchone()
    )  # fmt: skip
    return _draft(row) if row else None


def put_pictures(conn: Connection[Any], draft: Draft, pictures: Sequence[Picture]) -> Draft:
    """The draft with these pictures in place of those it had. Its row is locked by who saved it just before."""
    conn.execute("UPDATE draft SET pictures = %s WHERE id = %s", [written(pictures), draft.id])
    return replace(draft, pictures=tuple(pictures))


def of(conn: Connection[Any], case_id: int, staff_id: int, *, lock: bool = False) -> list[Draft]:
    """Somebody's drafts at a case; with ``lock`` nobody else changes them until this transaction ends."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM draft WHERE case_id = %s AND staff_id = %s ORDER BY kind {'FOR UPDATE' if lock else ''}",
        [case_id, staff_id],
    )
    return [_draft(row) for row in rows]


def mine(
    conn: Connection[Any], case_id: int, staff_id: int, kind: str, *, lock: bool = False
) -> Draft | None:
    """Somebody's draft of one kind at a case. ``lock`` as in ``of``."""
    return next((one for one in of(conn, case_id, staff_id, lock=lock) if one.kind == kind), None)


def of_others(conn: Connection[Any], case_id: int, staff_id: int, kinds: list[str]) -> list[Draft]:
    """What colleagues are writing at a case."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM draft WHERE case_id = %s AND staff_id <> %s AND kind = ANY(%s)"
        " AND (text <> '' OR pictures <> '[]') ORDER BY saved_at",
        [case_id, staff_id, kinds],
    )
    return [_draft(row) for row in rows]


def drop(conn: Connection[Any], case_id: int, staff_id: int, kind: str) -> bool:
    """Throws a draft away; whether there was one."""
    done = conn.execute(
        "DELETE FROM draft WHERE case_id = %s AND staff_id = %s AND kind = %s", [case_id, staff_id, kind]
    )
    return done.rowcount == 1


def _draft(row: tuple[Any, ...]) -> Draft:
    return replace(Draft(*row), pictures=read(row[-1]))
