"""SQL of what was done with articles, and what they were sent for."""

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.care.articles import REMEMBERED, Change
from townhall.database.arrays import bigints, moments, texts
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_CHANGE = "id, article_id, act, made_by, made_at, before, after, coalesce(together, 0), coalesce(undone_by, ''), coalesce(undone_at, 'epoch')"


class Use(Struct, frozen=True):
    """An article that left with a reply: to which post, and what that post needed."""

    brand: int
    article: int
    release: int
    post: int
    intent: str
    at: Instant


def note(conn: Connection[Any], brand: int, changes: Sequence[Change]) -> int:
    """Keeps acts that were done at once. Gives the first's id, by which all are undone."""
    rows = conn.execute(
        "INSERT INTO article_change (brand_id, article_id, act, made_by, made_at, before, after)"
        " SELECT %s, x.article, x.act, x.by, x.at, x.before::jsonb, x.after::jsonb"
        " FROM unnest(%s, %s, %s, %s, %s, %s) WITH ORDINALITY AS x(article, act, by, at, before, after, place)"
        " ORDER BY x.place RETURNING id",
        [
            brand, bigints([one.article for one in changes]), texts([one.act for one in changes]),
            texts([one.by for one in changes]), moments([one.at for one in changes]),
            texts([json.dumps(one.before) for one in changes]), texts([json.dumps(one.after) for one in changes]),
        ],
    ).fetchall()  # fmt: skip
    first = min(row[0] for row in rows)
    if len(rows) > 1:
        conn.execute(
            "UPDATE article_change SET together = %s WHERE brand_id = %s AND id = ANY(%s)",
            [first, brand, bigints([row[0] for row in rows])],
        )
    return int(first)


def done_at_once(conn: Connection[Any], brand: int, change_id: int) -> list[Change]:
    """The act and those done with it, in order; empty when there is none. They stand still until this transaction ends."""
    rows = reader(conn).execute(
        f"SELECT {_CHANGE} FROM article_change WHERE brand_id = %s AND (id = %s OR together = %s) ORDER BY id FOR UPDATE",
        [brand, change_id, change_id],
    )
    return [Change(*row) for row in rows]


def undo(conn: Connection[Any], brand: int, ids: Sequence[int], by: str, now: Instant) -> None:
    """Marks acts as undone."""
    conn.execute(
        "UPDATE article_change SET undone_by = %s, undone_at = %s WHERE brand_id = %s AND id = ANY(%s)",
        [by, to_datetime(now), brand, bigints(ids)],
    )


def newest(conn: Connection[Any], brand: int, article_id: int, most: int) -> list[Change]:
    """What was done with an article, newest first."""
    rows = reader(conn).execute(
        f"SELECT {_CHANGE} FROM article_change WHERE brand_id = %s AND article_id = %s ORDER BY id DESC LIMIT %s",
        [brand, article_id, most],
    )
    return [Change(*row) for row in rows]


def looked_upto(conn: Connection[Any]) -> Instant:
    """Up to when deliveries were looked through for addresses of articles; 0 before the first time. It stays locked."""
    row = reader(conn).execute("SELECT upto FROM article_round FOR UPDATE").fetchone()
    return int(row[0]) if row else 0


def look_upto(conn: Connection[Any], upto: Instant) -> None:
    """They were, up to this moment."""
    conn.execute(
        "INSERT INTO article_round (upto) VALUES (%s) ON CONFLICT (one) DO UPDATE SET upto = excluded.upto",
        [to_datetime(upto)],
    )


def holders(conn: Connection[Any], keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """(Brand, key) → the article there, for those that are one."""
    rows = conn.execute(
        "SELECT a.brand_id, a.key, a.id FROM unnest(%s, %s) AS x(brand, key)"
        " JOIN article a ON a.brand_id = x.brand AND a.key = x.key",
        [bigints([brand for brand, _ in keys]), texts([key for _, key in keys])],
    )
    return {(brand, key): id for brand, key, id in rows}


def used(conn: Connection[Any], uses: Sequence[Use]) -> list[int]:
    """Counts uses that were not counted yet. Gives the article of each."""
    rows = conn.execute(
        "INSERT INTO article_use (brand_id, article_id, release_id, post_id, intent, used_at)"
        " SELECT * FROM unnest(%s::integer[], %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING article_id",
        [
            [one.brand for one in uses], bigints([one.article for one in uses]), bigints([one.release for one in uses]),
            bigints([one.post for one in uses]), texts([one.intent for one in uses]), moments([one.at for one in uses]),
        ],
    )  # fmt: skip
    return [row[0] for row in rows]


def answered(conn: Connection[Any], brand: int, articles: Sequence[int]) -> list[tuple[int, int]]:
    """(Article, post) of the newest posts that each of these answered."""
    return conn.execute(
        "SELECT a.id, u.post_id FROM unnest(%s) AS a(id), LATERAL (SELECT post_id FROM article_use"
        " WHERE article_id = a.id AND brand_id = %s ORDER BY release_id DESC LIMIT %s) u",
        [bigints(articles), brand, REMEMBERED],
    ).fetchall()
