"""SQL of articles: what a brand's own help says, what was done with it, and the words it is found by."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.care.logic.entry import Entry
from townhall.database.arrays import bigints, texts
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

_COLUMNS = "id, key, title, url, language, text, changed_by, changed_at, coalesce(retired_at, 'epoch')"
COMMON = 3
"""A word of customers counts for an article once so many of them, answered with it, have used it: nobody's own words do."""
REMEMBERED = 200
"""Posts answered with an article whose words are looked at, the newest."""


class Article(Struct, frozen=True):
    """One article. ``key`` is its address without what does not lead elsewhere; ``retired_at`` 0: in use."""

    id: int
    key: str
    title: str
    url: str
    language: str
    text: str
    changed_by: str
    changed_at: Instant
    retired_at: Instant = 0

    @property
    def entry(self) -> Entry:
        """As somebody gave it, its language known."""
        return Entry(self.title, self.url, self.text, self.language)


class Change(Struct, frozen=True):
    """One act on an article, with what stood before and after; ``together`` is the first of those done at once (0: alone)."""

    id: int
    article: int
    act: str
    by: str
    at: Instant
    before: dict[str, Any]
    after: dict[str, Any]
    together: int = 0
    undone_by: str = ""
    undone_at: Instant = 0


def get(conn: Connection[Any], brand: int, article_id: int, *, lock: bool = False) -> Article | None:
    """One article of a brand; with ``lock`` nobody else changes it until this transaction ends."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM article WHERE brand_id = %s AND id = %s {'FOR UPDATE' if lock else ''}",
            [brand, article_id],
        )
        .fetchone()
    )
    return Article(*row) if row else None


def of_ids(conn: Connection[Any], brand: int, ids: Iterable[int], *, lock: bool = False) -> list[Article]:
    """Articles of a brand by id, in order of id."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM article WHERE brand_id = %s AND id = ANY(%s) ORDER BY id {'FOR UPDATE' if lock else ''}",
        [brand, bigints(sorted(ids))],
    )
    return [Article(*row) for row in rows]


def of_keys(
    conn: Connection[Any], brand: int, keys: Iterable[str], *, lock: bool = False
) -> dict[str, Article]:
    """Articles of a brand by key, those that are retired too."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM article WHERE brand_id = %s AND key = ANY(%s) ORDER BY id {'FOR UPDATE' if lock else ''}",
        [brand, texts(sorted(keys))],
    )
    return {row[1]: Article(*row) for row in rows}


def in_use(conn: Connection[Any], brand: int) -> int:
    """How many articles a brand has in use."""
    row = conn.execute(
        "SELECT count(*) FROM article WHERE brand_id = %s AND retired_at IS NULL", [brand]
    ).fetchone()
    return int(row[0]) if row else 0


def add(
    conn: Connection[Any], brand: int, entries: Mapping[str, Entry], by: str, now: Instant
) -> dict[str, int]:
    """New articles by key. Gives their ids; a key that somebody took meanwhile is left out."""
    rows = conn.execute(
        "INSERT INTO article (brand_id, key, title, url, language, text, changed_by, changed_at)"
        " SELECT %s, x.key, x.title, x.url, x.language, x.text, %s, %s"
        " FROM unnest(%s, %s, %s, %s, %s) AS x(key, title, url, language, text)"
        " ON CONFLICT (brand_id, key) DO NOTHING RETURNING key, id",
        [
            brand, by, to_datetime(now), texts(list(entries)), texts([one.title for one in entries.values()]),
            texts([one.url for one in entries.values()]), texts([one.language for one in entries.values()]),
            texts([one.text for one in entries.values()]),
        ],
    )  # fmt: skip
    return {key: id for key, id in rows}


def put(conn: Connection[Any], brand: int, articles: Sequence[Article]) -> None:
    """Writes articles as they now are. Raises ``UniqueViolation`` where another has the key."""
    conn.execute(
        "UPDATE article a SET key = x.key, title = x.title, url = x.url, language = x.language, text = x.text,"
        " changed_by = x.changed_by, changed_at = x.changed_at::timestamptz, retired_at = nullif(x.retired_at::timestamptz, 'epoch')"
        " FROM jsonb_to_recordset(%s::jsonb) AS x(id bigint, key text, title text, url text, language text, text text,"
        " changed_by text, changed_at text, retired_at text) WHERE a.id = x.id AND a.brand_id = %s",
        [json.dumps([_row(one) for one in articles]), brand],
    )


def _row(one: Article) -> dict[str, Any]:
    moments = {name: to_datetime(getattr(one, name)).isoformat() for name in ("changed_at", "retired_at")}
    return {name: getattr(one, name) for name in one.__struct_fields__} | moments


def index(conn: Connection[Any], brand: int, words: Mapping[int, tuple[str, str]]) -> None:
    """Makes articles found by the words of (title, text), in the house's normal form; those that are retired by none."""
    ids = bigints(list(words))
    conn.execute("DELETE FROM article_term WHERE brand_id = %s AND article_id = ANY(%s)", [brand, ids])
    conn.execute(
        """
        INSERT INTO article_term (brand_id, language, term, article_id, times, length)
        SELECT %(brand)s, language, term, id, least(times, 32000), sum(times) OVER (PARTITION BY id) FROM (
            SELECT a.language, u.lexeme AS term, a.id,
                3 * cardinality(array_positions(u.weights, 'A')) + cardinality(array_positions(u.weights, 'D')) AS times
            FROM unnest(%(ids)s, %(titles)s, %(bodies)s) AS x(id, title, body)
                JOIN article a ON a.id = x.id AND a.brand_id = %(brand)s AND a.retired_at IS NULL,
                unnest(setweight(to_tsvector(article_stems(a.language), x.title), 'A') || to_tsvector(article_stems(a.language), x.body)) u
        ) found
        """,
        {
            "brand": brand, "ids": ids, "titles": texts([title for title, _ in words.values()]),
            "bodies": texts([body for _, body in words.values()]),
        },
    )  # fmt: skip
    conn.execute(
        "UPDATE article a SET length = coalesce((SELECT t.length FROM article_term t WHERE t.article_id = a.id LIMIT 1), 0)"
        " WHERE a.brand_id = %s AND a.id = ANY(%s)",
        [brand, ids],
    )


def learn(
    conn: Connection[Any], brand: int, ids: Iterable[int], asked: Sequence[tuple[int, int, str]]
) -> None:
    """Puts down which words customers used whom these articles answered: (article, customer, words in the normal form)."""
    known = bigints(sorted(ids))
    conn.execute(
        "UPDATE article_term SET people = 0 WHERE brand_id = %s AND article_id = ANY(%s) AND people > 0",
        [brand, known],
    )
    conn.execute(
        """
        INSERT INTO article_term (brand_id, language, term, article_id, times, length, people)
        SELECT a.brand_id, a.language, u.lexeme, a.id, 0, a.length, least(count(DISTINCT x.customer), 32000)
        FROM unnest(%s, %s, %s) AS x(id, customer, words)
            JOIN article a ON a.id = x.id AND a.brand_id = %s AND a.retired_at IS NULL,
            unnest(to_tsvector(article_stems(a.language), x.words)) u
        GROUP BY a.brand_id, a.language, u.lexeme, a.id, a.length HAVING count(DISTINCT x.customer) >= %s
        ON CONFLICT (brand_id, language, term, article_id) DO UPDATE SET people = excluded.people
        """,
        [
            bigints([article for article, _, _ in asked]), bigints([customer for _, customer, _ in asked]),
            texts([words for _, _, words in asked]), brand, COMMON,
        ],
    )  # fmt: skip
    conn.execute(
        "DELETE FROM article_term WHERE brand_id = %s AND article_id = ANY(%s) AND times = 0 AND people = 0",
        [brand, known],
    )
