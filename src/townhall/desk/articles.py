"""Articles as their page lists them, and those that answer a post, beside its conversation."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.care.logic.answering import Suggestion, Word, by_words, suggest
from townhall.database.instants import reader
from townhall.enrich import UNDETERMINED, UNSURE, plain_words
from townhall.kernel.clock import Instant
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused

PAGE = 50
SHORT = 4
"""A post of fewer words is read together with what its author wrote before it in the thread."""
LONGEST = 200
"""Words of a post that are looked for, the first."""
TOO_COMMON, FEW = 0.1, 50
"""A word that more than this share of the articles hold, and more than so few, tells nothing."""
COUNTED = 1_000
"""Uses of an article for one intent are counted up to here."""


class Line(Struct, frozen=True):
    """An article as the list shows it. ``used`` is how many replies it left with, counted to 1,000; ``retired_at`` 0: in use."""

    id: int
    title: str
    url: str
    language: str
    changed_by: str
    changed_at: Instant
    retired_at: Instant
    used: int


class Listed(Struct, frozen=True):
    """A page of the list: its lines, the cursor behind them ("" at the end), and how many are in use and retired."""

    lines: tuple[Line, ...]
    cursor: str
    in_use: int
    retired: int


def listed(conn: Connection[Any], brand: int, words: str, cursor: str, *, retired: bool = False) -> Listed:
    """Articles by title whose title, address or text holds the words. Two queries. Raises ``Refused`` for an odd cursor."""
    title, id = _place(cursor)
    rows = (
        reader(conn)
        .execute(
            """
            SELECT a.id, a.title, a.url, a.language, a.changed_by, a.changed_at,
                coalesce(a.retired_at, 'epoch'), (SELECT count(*) FROM (SELECT FROM article_use u
                    WHERE u.article_id = a.id AND u.brand_id = a.brand_id LIMIT %(most)s) counted), lower(a.title)
            FROM article a WHERE a.brand_id = %(brand)s AND (a.retired_at IS NOT NULL) = %(retired)s
                AND (%(words)s = '' OR strpos(lower(a.title || ' ' || a.url || ' ' || a.text), lower(%(words)s)) > 0)
                AND (lower(a.title), a.id) > (%(title)s, %(id)s)
            ORDER BY lower(a.title), a.id LIMIT %(page)s
            """,
            {
                "brand": brand, "retired": retired, "words": words, "title": title, "id": id, "page": PAGE + 1,
                "most": COUNTED,
            },
        )
        .fetchall()
    )  # fmt: skip
    counts = conn.execute(
        "SELECT count(*) FILTER (WHERE retired_at IS NULL), count(retired_at) FROM article WHERE brand_id = %s",
        [brand],
    ).fetchone()
    assert counts
    lines = tuple(Line(*row[:-1]) for row in rows[:PAGE])
    following = f"{lines[-1].id}.{rows[PAGE - 1][-1]}" if len(rows) > PAGE else ""
    return Listed(lines, following, *counts)


def _place(cursor: str) -> tuple[str, int]:
    if not cursor:
        return "", 0
    first, sign, title = cursor.partition(".")
    if not sign or (id := whole(first)) is None:
        raise Refused("Those articles do not exist. Open the list again.")
    return title, id


class Suggested(Struct, frozen=True):
    """A suggestion with what it says and where it stands."""

    title: str
    url: str
    why: Suggestion


class Answers(Struct, frozen=True):
    """What is suggested for a post. ``any``: the brand has articles in use; ``asked``: there was a post with words."""

    suggested: tuple[Suggested, ...]
    any: bool
    asked: bool


def for_case(conn: Connection[Any], brand: int, case_id: int) -> Answers | None:
    """What answers the message of a case that matters; ``None`` when there is no such case. Five queries at most."""
    row = (
        reader(conn)
        .execute(
            """
            SELECT coalesce(i.text, ''), coalesce(i.language, ''), coalesce(i.intent, ''), ARRAY(
                SELECT p.text FROM interaction p WHERE p.thread_id = i.thread_id AND p.author_id = i.author_id
                    AND p.published_at < i.published_at AND p.deleted_at IS NULL ORDER BY p.published_at DESC LIMIT 3)
            FROM cases c CROSS JOIN LATERAL (SELECT coalesce((SELECT m.post_id FROM commitment m WHERE m.case_id = c.id
                    AND m.cause <> 'undone' AND m.satisfied_at IS NULL AND m.cancelled_at IS NULL
                    ORDER BY m.started_at, m.id LIMIT 1), c.latest_post) AS post) matter
                LEFT JOIN interaction i ON i.id = matter.post AND i.deleted_at IS NULL
            WHERE c.id = %s AND c.brand_id = %s
            """,
            [case_id, brand],
        )
        .fetchone()
    )
    if row is None:
        return None
    text, language, intent, before = row
    if len(plain_words(text)) < SHORT:
        text = "\n".join([text, *before])
    return answering(conn, brand, text, language, intent)


def answering(conn: Connection[Any], brand: int, text: str, language: str = "", intent: str = "") -> Answers:
    """What answers a text. Four queries at most. ``language`` is ISO 639-1, where it is known; ``intent`` what its author needs.

    In a known language only articles of that language, and those whose language nobody could tell, are looked at.
    """
    asked = list(dict.fromkeys(plain_words(text)))[:LONGEST]
    words = _words(conn, brand, "" if language == UNDETERMINED else language, asked)
    matches = by_words(words)
    used = _used(conn, brand, intent, [one.article for one in matches]) if matches else {}
    found = suggest(matches, used)
    said = _said(conn, brand, [one.article for one in found]) if found else {}
    suggested = tuple(Suggested(*said[one.article], one) for one in found if one.article in said)
    return Answers(suggested, bool(words) or _has_any(conn, brand), bool(asked))


def _words(conn: Connection[Any], brand: int, language: str, asked: Sequence[str]) -> list[Word]:
    rows = conn.execute(
        """
        WITH shelf AS MATERIALIZED (
            SELECT language, count(*) AS articles, avg(length)::float8 AS mean,
                greatest(count(*) * %(share)s, %(few)s)::integer AS most FROM article
            WHERE brand_id = %(brand)s AND retired_at IS NULL AND (%(language)s = '' OR language IN (%(language)s, 'und'))
            GROUP BY language
        ), asked AS MATERIALIZED (
            SELECT s.language, s.articles, s.mean, s.most, u.lexeme, (array_agg(w.word ORDER BY w.place))[1] AS said, min(w.place) AS place
            FROM shelf s, unnest(%(asked)s::text[]) WITH ORDINALITY AS w(word, place),
                unnest(to_tsvector(article_stems(s.language), w.word)) u
            GROUP BY s.language, s.articles, s.mean, s.most, u.lexeme
        )
        SELECT a.said, a.articles, a.mean, h.holders, h.ids, h.times, h.lengths, h.people
        FROM asked a CROSS JOIN LATERAL (
            SELECT count(*) AS holders,
                CASE WHEN count(*) <= a.most THEN array_agg(t.article_id) ELSE '{}' END AS ids,
                CASE WHEN count(*) <= a.most THEN array_agg(t.times) ELSE '{}' END AS times,
                CASE WHEN count(*) <= a.most THEN array_agg(t.length) ELSE '{}' END AS lengths,
                CASE WHEN count(*) <= a.most THEN array_agg(t.people) ELSE '{}' END AS people
            FROM (SELECT * FROM article_term t WHERE t.brand_id = %(brand)s AND t.language = a.language
                AND t.term = a.lexeme LIMIT a.most + 1) t
        ) h
        ORDER BY a.language, a.place, a.lexeme
        """,
        {"brand": brand, "language": language, "asked": list(asked), "share": TOO_COMMON, "few": FEW},
    )
    return [
        Word(said, articles, mean, holders, *(column or () for column in held))
        for said, articles, mean, holders, *held in rows
    ]


def _used(conn: Connection[Any], brand: int, intent: str, articles: Sequence[int]) -> dict[int, int]:
    if intent in ("", UNSURE):
        return {}
    rows = conn.execute(
        "SELECT a.id, (SELECT count(*) FROM (SELECT FROM article_use u WHERE u.brand_id = %s AND u.intent = %s"
        " AND u.article_id = a.id LIMIT %s) counted) FROM unnest(%s::bigint[]) AS a(id)",
        [brand, intent, COUNTED, list(articles)],
    )
    return {id: used for id, used in rows if used}


def _has_any(conn: Connection[Any], brand: int) -> bool:
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM article WHERE brand_id = %s AND retired_at IS NULL)", [brand]
    ).fetchone()
    return bool(row and row[0])


def _said(conn: Connection[Any], brand: int, articles: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = conn.execute(
        "SELECT id, title, url FROM article WHERE brand_id = %s AND id = ANY(%s::bigint[])",
        [brand, list(articles)],
    )
    return {id: (title, url) for id, title, url in rows}
