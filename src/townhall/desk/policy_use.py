"""How often each rule of a brand's policy decides, and what no rule decides: counted over the newest posts."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.kernel.clock import DAY, Instant
from townhall.kernel.ids import id_at
from townhall.people.doors import Asker

SPAN = 7 * DAY
NEWEST = 50_000
"""Posts counted at most, so that a busy brand's page costs no more than a quiet one's."""
SHOWN = 5


class RuleUse(Struct, frozen=True):
    """Posts that a rule decided in the time counted, and when the newest of them was published."""

    posts: int = 0
    last: Instant = 0


class PolicyUse(Struct, frozen=True):
    """What rules decided. ``rules`` by rule id, "" for posts that no rule matched. ``since`` is where counting began;
    ``whole`` says that it reached seven days back."""

    rules: dict[str, RuleUse]
    posts: int
    since: Instant
    whole: bool

    def of(self, rule: str) -> RuleUse:
        """The use of one rule; nothing when it decided nothing."""
        return self.rules.get(rule, RuleUse())


class SamplePost(Struct, frozen=True):
    """A post as it shows in a list: who wrote it, when, and what."""

    id: int
    handle: str
    at: Instant
    text: str
    rule: str = ""
    effect: str = ""


def policy_use(conn: Connection[Any], brand: int, now: Instant) -> PolicyUse:
    """Counts the posts from outside of the last seven days, at most the newest 50,000. One query."""
    rows = (
        reader(conn)
        .execute(
            """
            WITH newest AS (
                SELECT id, rule, direction, published_at FROM interaction WHERE brand_id = %s AND id >= %s
                ORDER BY id DESC LIMIT %s
            ), edge AS (SELECT count(*) AS seen, min(published_at) AS since FROM newest)
            SELECT n.rule, count(*), max(n.published_at), e.seen, e.since FROM newest n CROSS JOIN edge e
            WHERE n.direction = 'in' GROUP BY n.rule, e.seen, e.since
            """,
            [brand, max(id_at(now - SPAN), 0), NEWEST],
        )
        .fetchall()
    )
    whole = not rows or rows[0][3] < NEWEST
    return PolicyUse(
        rules={row[0]: RuleUse(row[1], row[2]) for row in rows},
        posts=sum(row[1] for row in rows),
        since=now - SPAN if whole else rows[0][4],
        whole=whole,
    )


def decided_by(
    conn: Connection[Any], asker: Asker, rule: str, now: Instant, limit: int = SHOWN
) -> list[SamplePost]:
    """The newest posts that a rule decided ("": that none matched), of those that are counted: for whoever may read what
    people write, else none. One query."""
    if not asker.may("read_case"):
        return []
    rows = reader(conn).execute(
        f"""
        WITH newest AS (
            SELECT id, rule, direction FROM interaction WHERE brand_id = %s AND id >= %s ORDER BY id DESC LIMIT %s
        ), wanted AS (
            SELECT id FROM newest WHERE direction = 'in' AND rule = %s ORDER BY id DESC LIMIT %s
        ) {_SHOWN} FROM wanted w JOIN interaction i ON i.id = w.id {_AUTHOR} ORDER BY i.published_at DESC, i.id DESC
        """,
        [asker.brand_id, max(id_at(now - SPAN), 0), NEWEST, rule, limit],
    )
    return [SamplePost(*row) for row in rows]


def newest_posts(conn: Connection[Any], asker: Asker, limit: int = 8) -> list[SamplePost]:
    """The newest posts from outside, to try a policy on: for whoever may read them, else none. One query."""
    if not asker.may("read_case"):
        return []
    rows = reader(conn).execute(
        f"""
        {_SHOWN} FROM (SELECT * FROM interaction WHERE brand_id = %s ORDER BY id DESC LIMIT 500) i {_AUTHOR}
        WHERE i.direction = 'in' ORDER BY i.id DESC LIMIT %s
        """,
        [asker.brand_id, limit],
    )
    return sorted((SamplePost(*row) for row in rows), key=lambda one: -one.at)


def examples(conn: Connection[Any], asker: Asker, most: int = SHOWN) -> list[SamplePost]:
    """Posts from outside to show a policy on: of the newest 500, the newest that each rule decided, then the next ones.
    What its author deleted is no example. For whoever may read what people write, else none. One query.
    """
    if not asker.may("read_case"):
        return []
    rows = reader(conn).execute(
        f"""
        WITH newest AS (SELECT * FROM interaction WHERE brand_id = %s ORDER BY id DESC LIMIT 500), ranked AS (
            SELECT n.*, row_number() OVER (PARTITION BY rule ORDER BY id DESC) AS place FROM newest n
            WHERE direction = 'in' AND rule IS NOT NULL AND deleted_at IS NULL AND text <> ''
        ) {_SHOWN} FROM ranked i {_AUTHOR} ORDER BY i.place, i.id DESC LIMIT %s
        """,
        [asker.brand_id, most],
    )
    return [SamplePost(*row) for row in rows]


def case_of(conn: Connection[Any], brand: int, thread: int, author: int) -> int:
    """The newest case of that person in that thread, 0 for none. One query."""
    row = conn.execute(
        "SELECT id FROM cases WHERE customer_id = %s AND thread_id = %s AND brand_id = %s ORDER BY id DESC LIMIT 1",
        [author, thread, brand],
    ).fetchone()
    return int(row[0]) if row else 0


def version_number(conn: Connection[Any], brand: int, stored: int) -> int:
    """The number within the brand of a stored version, 0 for that of a brand without a policy. One query."""
    row = conn.execute(
        "SELECT version FROM policy_version WHERE id = %s AND brand_id = %s", [stored, brand]
    ).fetchone()
    return int(row[0]) if row else 0


_SHOWN = f"""SELECT i.id, coalesce(p.handle, ''), i.published_at, {snippets.said("i.")}, i.rule, i.effect"""
_AUTHOR = "LEFT JOIN identity p ON p.id = i.author_id"
