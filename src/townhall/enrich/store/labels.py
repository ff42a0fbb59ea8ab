"""SQL of labels: what a person says of a post, beside what was read then. One stands for each person, post and head."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_COLUMNS = """id, interaction_id, head, value, said, coalesce(chance, -1), read_by, staff_id, staff_name, made_at,
    coalesce(replaces, 0)"""


class Label(Struct, frozen=True):
    """What somebody says of a post. ``said`` and ``chance`` (-1: unknown) are what was read when they said it, ``read_by``
    the digests that read it; ``replaces`` is their label before (0: none)."""

    id: int
    interaction: int
    head: str
    value: str
    said: str
    chance: float
    read_by: str
    staff: int
    by: str
    at: Instant
    replaces: int


class Read(Struct, frozen=True):
    """What the models said: the value, its chance (-1: not known any more), and the digests that read the post."""

    said: str
    chance: float
    read_by: str


def standing(
    conn: Connection[Any], interaction: int, head: str, staff: int, *, lock: bool = False
) -> Label | None:
    """The label of that person that stands."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM post_label WHERE interaction_id = %s AND head = %s AND staff_id = %s"
            " AND ended_at IS NULL" + (" FOR UPDATE" if lock else ""),
            [interaction, head, staff],
        )
        .fetchone()
    )
    return Label(*row) if row else None


def get(conn: Connection[Any], brand: int, label: int, *, lock: bool = False) -> Label | None:
    """A brand's label that stands."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM post_label WHERE id = %s AND brand_id = %s AND ended_at IS NULL"
            + (" FOR UPDATE" if lock else ""),
            [label, brand],
        )
        .fetchone()
    )
    return Label(*row) if row else None


def add(
    conn: Connection[Any], brand: int, interaction: int, head: str, value: str, read: Read, staff: int, by: str, now: Instant,
    replaces: int,
) -> int:  # fmt: skip
    """Keeps a label; end the one before first. Gives its id."""
    row = conn.execute(
        """
        INSERT INTO post_label (brand_id, interaction_id, head, value, said, chance, read_by, staff_id, staff_name, made_at,
            replaces)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [
            brand, interaction, head, value, read.said, read.chance if read.chance >= 0 else None, read.read_by, staff, by,
            to_datetime(now), replaces or None,
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def end(conn: Connection[Any], label: int, now: Instant) -> bool:
    """Ends a label that stands; whether it stood."""
    done = conn.execute(
        "UPDATE post_label SET ended_at = %s WHERE id = %s AND ended_at IS NULL", [to_datetime(now), label]
    )
    return bool(done.rowcount)


def stand_again(conn: Connection[Any], label: int) -> bool:
    """An ended label stands again, as if what replaced it had not been said."""
    return bool(conn.execute("UPDATE post_label SET ended_at = NULL WHERE id = %s", [label]).rowcount)


def of_posts(conn: Connection[Any], brand: int, posts: Sequence[int]) -> list[Label]:
    """The labels that stand on these posts, oldest first. One query."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM post_label WHERE brand_id = %s AND interaction_id = ANY(%s) AND ended_at IS NULL ORDER BY id",
        [brand, bigints(posts)],
    )
    return [Label(*row) for row in rows]


def of_head(conn: Connection[Any], brand: int, head: str, most: int) -> list[Label]:
    """The newest labels of a head that stand, at most so many, oldest first."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM post_label WHERE brand_id = %s AND head = %s AND ended_at IS NULL ORDER BY id DESC LIMIT %s",
        [brand, head, most],
    )
    return [Label(*row) for row in rows][::-1]


def counts(conn: Connection[Any], brand: int) -> dict[str, dict[str, int]]:
    """Head → value → how many labels say it. One query."""
    found: dict[str, dict[str, int]] = {}
    for head, value, count in conn.execute(
        "SELECT head, value, count(*) FROM post_label WHERE brand_id = %s AND ended_at IS NULL GROUP BY head, value"
        " ORDER BY head, value",
        [brand],
    ):
        found.setdefault(head, {})[value] = count
    return found
