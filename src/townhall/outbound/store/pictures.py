"""Pictures that go with replies: sealed bytes of one case each, there as long as a draft or a release names them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.logic.words import Picture
from townhall.vault.seal import Sealed

read = msgspec.json.Decoder(tuple[Picture, ...]).decode
"""A column of pictures as it comes from the database, as text. Raises ``ValueError``."""


class Stored(Struct, frozen=True, kw_only=True):
    """One picture as it lies here, or a small one of it to look at. ``staff_id`` brought it; ``digest`` is of the open bytes of the
    whole one."""

    id: int = 0
    brand_id: int
    case_id: int
    staff_id: int
    digest: str
    media_type: str
    sealed: Sealed
    made_at: Instant = 0


def written(pictures: Sequence[Picture]) -> str:
    """Pictures as a column keeps them."""
    return msgspec.json.encode(pictures).decode()


def add(conn: Connection[Any], fresh: Stored, small: Sealed) -> int:
    """Keeps a whole one with a small one of it; gives its id."""
    row = conn.execute(
        "INSERT INTO picture (brand_id, case_id, staff_id, digest, media_type, key, body, small_key, small_body, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            fresh.brand_id, fresh.case_id, fresh.staff_id, fresh.digest, fresh.media_type, fresh.sealed.key, fresh.sealed.body,
            small.key, small.body, to_datetime(fresh.made_at),
        ],
    ).fetchone()  # fmt: skip
    assert row
    return int(row[0])


def many(conn: Connection[Any], ids: Sequence[int], *, small: bool = False) -> dict[int, Stored]:
    """These pictures, those that are here, by id; ``small`` ones alone where that is asked. One query."""
    sealed = "small_key, small_body" if small else "key, body"
    rows = conn.execute(
        f"SELECT id, brand_id, case_id, staff_id, digest, media_type, {sealed} FROM picture WHERE id = ANY(%s)",
        [list(ids)],
    )
    return {row[0]: _stored(row) for row in rows}


def sent_or_held(conn: Connection[Any], picture: Stored) -> bool:
    """Whether a release names it that its author did not take back: then it is no draft's alone."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM release WHERE case_id = %s AND pictures @> %s::jsonb AND state <> 'withdrawn')",
        [picture.case_id, _named(picture.id)],
    ).fetchone()
    return bool(row and row[0])


def drop_unused(conn: Connection[Any], case_id: int) -> int:
    """Lets go what neither a draft nor a release of the case names any more, but one that was taken back. Gives how many."""
    done = conn.execute(
        """
        DELETE FROM picture p WHERE p.case_id = %(case)s
            AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.case_id = p.case_id
                AND d.pictures @> jsonb_build_array(jsonb_build_object('id', p.id)))
            AND NOT EXISTS (SELECT 1 FROM release r WHERE r.case_id = p.case_id
                AND r.pictures @> jsonb_build_array(jsonb_build_object('id', p.id)) AND r.state <> 'withdrawn')
        """,
        {"case": case_id},
    )
    return done.rowcount


def _named(picture_id: int) -> str:
    return msgspec.json.encode([{"id": picture_id}]).decode()


def _stored(row: tuple[Any, ...]) -> Stored:
    return Stored(
        id=row[0], brand_id=row[1], case_id=row[2], staff_id=row[3], digest=row[4], media_type=row[5],
        sealed=Sealed(bytes(row[6]), bytes(row[7])),
    )  # fmt: skip
