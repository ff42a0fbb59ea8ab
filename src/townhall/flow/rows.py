"""SQL of the wide row: ``interaction`` and ``revision``, which the verbs own together."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.copy import CopyInto
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.ids import id_at

INTERACTIONS = CopyInto(
    "interaction",
    id="i8", brand_id="i4", account_id="i4", key="uuid", thread_id="i8", author_id="i8", published_at="time",
    received_at="time", question="bool", sentiment="i2", certainty="f4", simhash="i8", priority="i2", policy_id="i4",
    block_id="i8", ordinal="i4", delivery_id="i8", direction="word", visibility="word", language="word",
    intent="word", effect="word", queue="word", rule="word", parent="uuid?", native_id="text", text="text",
    url="text", media="jsonb?", topics="text[]", findings="text[]",
)  # fmt: skip


def authors(connection: Connection[Any], posts: Mapping[bytes, int]) -> dict[bytes, int]:
    """Ledger key → author, for posts given as key → interaction id."""
    if not posts:
        return {}
    found = dict(
        connection.execute(
            "SELECT id, author_id FROM interaction WHERE id = ANY(%s)",
            [bigints(list(posts.values()))],
            binary=True,
        ).fetchall()
    )
    return {key: found[id] for key, id in posts.items() if id in found}


def count_by_author(connection: Connection[Any], authors: Sequence[int], most: int) -> dict[int, int]:
    """Author → posts that are stored of theirs, counted up to ``most``."""
    rows = connection.execute(
        """
        SELECT wanted.id, (SELECT count(*) FROM (SELECT FROM interaction i WHERE i.author_id = wanted.id LIMIT %s) posts)
        FROM unnest(%s::bigint[]) AS wanted (id)
        """,
        [most, bigints(authors)],
        binary=True,
    )
    return dict(rows.fetchall())


def edit(connection: Connection[Any], edits: Sequence[tuple[int, Instant, str, bytes | None]]) -> None:
    """Applies edits (interaction, when, new text, media JSON), keeping what stood there as a revision.

    An older edit that comes late is kept as a revision too, and does not replace a newer text.
    """
    for interaction_id, at, text, media in edits:
        moment = to_datetime(at)
        connection.execute(
            """
            INSERT INTO revision (brand_id, interaction_id, replaced_at, text)
            SELECT brand_id, id, %(at)s, CASE WHEN edited_at IS NULL OR edited_at <= %(at)s THEN text ELSE %(text)s END
            FROM interaction WHERE id = %(id)s
            """,
            {"id": interaction_id, "at": moment, "text": text},
        )
        connection.execute(
            """
            UPDATE interaction SET text = %(text)s, edited_at = %(at)s, media = coalesce(%(media)s::jsonb, media)
            WHERE id = %(id)s AND (edited_at IS NULL OR edited_at <= %(at)s)
            """,
            {"id": interaction_id, "at": moment, "text": text, "media": media.decode() if media else None},
        )


def delete(connection: Connection[Any], deletions: Sequence[tuple[int, Instant]]) -> None:
    """Marks posts as deleted by their author; what retention lets us keep of them is kept."""
    connection.execute(
        """
        UPDATE interaction i SET deleted_at = d.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS d(id, at)
        WHERE i.id = d.id AND i.deleted_at IS NULL
        """,
        [[id for id, _ in deletions], [to_datetime(at) for _, at in deletions]],
    )


def count(connection: Connection[Any], counts: Mapping[int, tuple[int, int]]) -> None:
    """Adds likes and reposts: interaction → (likes, reposts)."""
    ids = sorted(counts)
    connection.execute(
        """
        UPDATE interaction i SET likes = i.likes + c.likes, reposts = i.reposts + c.reposts
        FROM unnest(%s::bigint[], %s::integer[], %s::integer[]) AS c(id, likes, reposts) WHERE i.id = c.id
        """,
        [ids, [counts[id][0] for id in ids], [counts[id][1] for id in ids]],
    )


def of_threads(connection: Connection[Any], threads: Sequence[int]) -> list[tuple[Any, ...]]:
    """Every post of these threads, for folding clocks again: (thread, id, key, author, direction, at, parent,
    effect, policy, rule, deleted at, received at, visibility, priority, queue, native id)."""
    return (
        reader(connection)
        .execute(
            """
        SELECT thread_id, id, key, author_id, direction, published_at, parent, effect, policy_id, rule, deleted_at,
            received_at, visibility, priority, queue, native_id
        FROM interaction WHERE thread_id = ANY(%s) ORDER BY thread_id, published_at, id
        """,
            [bigints(threads)],
            binary=True,
        )
        .fetchall()
    )


def lately(
    connection: Connection[Any], brand: int, since: Instant, most: int, account: int = 0, topic: str = ""
) -> list[tuple[str, int, int]]:
    """Text, fingerprint and author of posts from outside that were written and taken in since, the newest first; of one account
    and with one topic word where they are named. Looks at no more than ``most`` rows of the brand."""
    return connection.execute(
        """
        SELECT text, simhash, author_id FROM (
            SELECT text, simhash, author_id, account_id, topics, direction, deleted_at, published_at FROM interaction
            WHERE brand_id = %(brand)s AND id >= %(id)s ORDER BY id DESC LIMIT %(most)s
        ) i
        WHERE direction = 'in' AND deleted_at IS NULL AND published_at >= %(since)s
            AND (%(account)s = 0 OR account_id = %(account)s) AND (%(topic)s = '' OR %(topic)s = ANY(topics))
        """,
        {
            "brand": brand, "id": id_at(since), "since": to_datetime(since), "most": most, "account": account, "topic": topic,
        },
    ).fetchall()  # fmt: skip


def make_months(connection: Connection[Any]) -> int:
    """Makes the partitions of this month and the next three where they are missing. Gives how many it made.

    Only our own clock decides which: a post lands by when we took it in, whatever its sender says. A month of which
    posts already stand in the catch-all stays there. Raises ``LockNotAvailable`` when readers are in the way.
    """
    row = connection.execute("SELECT make_interaction_months()").fetchone()
    assert row is not None
    return int(row[0])
