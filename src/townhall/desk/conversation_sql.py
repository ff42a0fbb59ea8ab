"""The reads of a conversation. Each is one statement; together they are a fixed number whatever the thread's size."""

from typing import Any

from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.kernel.clock import Instant, to_datetime

Row = tuple[Any, ...]


def case(conn: Connection[Any], brand: int, case_id: int) -> Row | None:
    """The case with its account, brand, thread and customer."""
    return (
        reader(conn)
        .execute(
            """
            SELECT c.id, c.version, c.state, c.queue, c.priority, c.reason, c.language, c.opened_at, c.last_in_at,
                coalesce(c.last_out_at, 'epoch'), coalesce(c.snoozed_until, 'epoch'), coalesce(c.closed_at, 'epoch'),
                coalesce(c.merged_into, 0), c.latest_post, coalesce(c.assignee_id, 0), c.customer_id, c.paused_cause,
                a.id, a.channel, a.handle, a.base_url, a.sending, coalesce(h.max_length, 0), coalesce(h.state, ''),
                b.state, coalesce(t.joined_into, t.id, c.thread_id), coalesce(t.visibility, 'public'),
                coalesce(s.name, ''),
                coalesce((SELECT e.kind = 'pause' FROM clock_event e WHERE e.case_id = c.id AND e.cause = 'third_party'
                    AND NOT e.undone ORDER BY e.at DESC, e.id DESC LIMIT 1), false),
                a.native_id, coalesce(w.native_id, ''), coalesce(w.handle, ''),
                coalesce((SELECT o.name FROM own_system o WHERE o.brand_id = c.brand_id AND o.kind = 'panel'), ''),
                (SELECT o.settings || jsonb_build_object('name', o.name) FROM own_system o
                    WHERE o.brand_id = c.brand_id AND o.kind = 'translation'),
                coalesce(c.incident, 0),
                coalesce(h.max_pictures, 0), coalesce(h.picture_bytes, 0), coalesce(h.alt_length, 0)
            FROM cases c
            JOIN account a ON a.id = c.account_id
            JOIN brand b ON b.id = c.brand_id
            LEFT JOIN account_health h ON h.account_id = a.id
            LEFT JOIN thread t ON t.id = c.thread_id
            LEFT JOIN staff s ON s.id = c.assignee_id
            LEFT JOIN identity w ON w.id = c.customer_id
            WHERE c.id = %s AND c.brand_id = %s
            """,
            [case_id, brand],
        )
        .fetchone()
    )


def posts(conn: Connection[Any], root: int, before: tuple[Instant, int] | None, limit: int) -> list[Row]:
    """The newest posts of a thread and of those joined into it, newest first, one more than ``limit``."""
    at, id = before or (0, 0)
    return (
        reader(conn)
        .execute(
            """
            SELECT i.id, i.native_id, i.author_id, coalesce(p.name, ''), coalesce(p.handle, ''),
                coalesce(p.kind, 'Person'), coalesce(p.own, false), i.direction, i.visibility, i.published_at, i.text,
                i.url, i.media, i.language, i.question, i.intent, i.sentiment, i.certainty, i.topics, i.findings,
                coalesce(i.edited_at, 'epoch'), coalesce(i.deleted_at, 'epoch'), i.likes, i.reposts, i.key, i.parent,
                i.thread_id, i.effect, i.rule,
                i.parent IS NOT NULL AND i.parent NOT IN (SELECT a.key FROM interaction a WHERE a.thread_id =
                    ANY(ARRAY(SELECT id FROM thread WHERE joined_into = %(root)s) || %(root)s::bigint))
            FROM interaction i LEFT JOIN identity p ON p.id = i.author_id
            WHERE i.thread_id = ANY(ARRAY(SELECT id FROM thread WHERE joined_into = %(root)s) || %(root)s::bigint)
                AND (%(first)s OR (i.published_at, i.id) < (%(at)s, %(id)s))
            ORDER BY i.published_at DESC, i.id DESC LIMIT %(limit)s
            """,
            {"root": root, "first": before is None, "at": to_datetime(at), "id": id, "limit": limit + 1},
        )
        .fetchall()
    )


def edits(conn: Connection[Any], post_ids: list[int]) -> list[Row]:
    """What edited posts said before: (post, when replaced, text), oldest first."""
    return (
        reader(conn)
        .execute(
            "SELECT interaction_id, replaced_at, text FROM revision WHERE interaction_id = ANY(%s) ORDER BY replaced_at, id",
            [post_ids],
        )
        .fetchall()
    )


def identities(conn: Connection[Any], customer: int) -> list[Row]:
    """The customer's own identity first, then those linked to it, each with the link that brought it."""
    return (
        reader(conn)
        .execute(
            """
            WITH RECURSIVE reach(id, link) AS (
                SELECT %(customer)s::bigint, 0::bigint
                UNION
                SELECT CASE WHEN l.a = r.id THEN l.b ELSE l.a END, l.id
                FROM reach r JOIN identity_link l ON l.undone_at IS NULL AND (l.a = r.id OR l.b = r.id)
            ), each AS (
                SELECT DISTINCT ON (id) id, link FROM reach ORDER BY id, (link <> 0), link
            )
            SELECT p.id, p.network, p.handle, p.name, p.first_seen, e.link, coalesce(l.evidence, ''),
                coalesce(l.made_by, ''), p.native_id
            FROM (SELECT * FROM each LIMIT 50) e JOIN identity p ON p.id = e.id
            LEFT JOIN identity_link l ON l.id = e.link
            ORDER BY (e.id <> %(customer)s), p.id
            """,
            {"customer": customer},
        )
        .fetchall()
    )


def promises(conn: Connection[Any], case_id: int) -> list[Row]:
    """The promise ledger, in order of start; promises that were undone are left out."""
    return (
        reader(conn)
        .execute(
            """
            SELECT id, metric, started_at, due_at, target, calendar, coalesce(satisfied_at, 'epoch'), satisfied_by,
                coalesce(cancelled_at, 'epoch'), cause, coalesce(paused_at, 'epoch'), post_id
            FROM commitment WHERE case_id = %s AND cause <> 'undone' ORDER BY started_at, id
            """,
            [case_id],
        )
        .fetchall()
    )


def other_threads(conn: Connection[Any], people: list[int], thread: int, limit: int) -> list[Row]:
    """The person's newest other threads, and how many posts of theirs we have seen (counted to 1,000)."""
    return (
        reader(conn)
        .execute(
            f"""
            WITH recent AS (
                SELECT id, thread_id, account_id, text, published_at, deleted_at FROM interaction
                WHERE author_id = ANY(%(people)s) ORDER BY published_at DESC LIMIT 1000
            ), newest AS (
                SELECT DISTINCT ON (thread_id) * FROM recent WHERE thread_id <> %(thread)s
                ORDER BY thread_id, published_at DESC
            )
            SELECT coalesce(c.id, 0), n.thread_id, a.channel, a.handle, coalesce(c.state, ''),
                left({snippets.said("n.")}, 160), n.published_at,
                (SELECT count(*) FROM recent)
            FROM newest n JOIN account a ON a.id = n.account_id
            LEFT JOIN LATERAL (
                SELECT id, state FROM cases WHERE customer_id = ANY(%(people)s) AND thread_id = n.thread_id
                ORDER BY id DESC LIMIT 1
            ) c ON true
            ORDER BY n.published_at DESC LIMIT %(limit)s
            """,
            {"people": people, "thread": thread, "limit": limit},
        )
        .fetchall()
    )


def notes(conn: Connection[Any], case_id: int) -> list[Row]:
    """Notes for staff, oldest first."""
    return (
        reader(conn)
        .execute(
            "SELECT id, author, written_at, text FROM note WHERE case_id = %s AND removed_at IS NULL ORDER BY id",
            [case_id],
        )
        .fetchall()
    )


def history(conn: Connection[Any], case_id: int, limit: int) -> list[Row]:
    """Acts on the case, newest first."""
    return (
        reader(conn)
        .execute(
            """
            SELECT id, made_at, actor, act, before, after, coalesce(undone_at, 'epoch'), undoes FROM case_change
            WHERE case_id = %s OR other_case = %s ORDER BY id DESC LIMIT %s
            """,
            [case_id, case_id, limit],
        )
        .fetchall()
    )


def viewers(conn: Connection[Any], case_id: int, staff: int, seen: Instant, typed: Instant) -> list[Row]:
    """Colleagues who look now, and whether they write."""
    return (
        reader(conn)
        .execute(
            "SELECT staff_id, name, coalesce(typed_at > %s, false) FROM case_viewing"
            " WHERE case_id = %s AND staff_id <> %s AND seen_at > %s ORDER BY name, staff_id",
            [to_datetime(typed), case_id, staff, to_datetime(seen)],
        )
        .fetchall()
    )


def staff_names(conn: Connection[Any], brand: int) -> dict[int, str]:
    """Everybody with a seat at the brand."""
    return dict(
        reader(conn)
        .execute(
            "SELECT s.id, s.name FROM staff s JOIN membership m ON m.staff_id = s.id WHERE m.brand_id = %s",
            [brand],
        )
        .fetchall()
    )


def drafts(conn: Connection[Any], case_id: int, staff: int) -> list[Row]:
    """One's own drafts in this case."""
    return (
        reader(conn)
        .execute(
            "SELECT id, kind, text, saved_at, version, remark, earlier, editor, pictures::text FROM draft WHERE case_id = %s AND staff_id = %s ORDER BY id",
            [case_id, staff],
        )
        .fetchall()
    )


def macros(conn: Connection[Any], brand: int) -> list[Row]:
    """Stored answers in use, by name."""
    return (
        reader(conn)
        .execute(
            "SELECT id, name, text, language, purpose FROM macro WHERE brand_id = %s AND retired_at IS NULL ORDER BY name",
            [brand],
        )
        .fetchall()
    )


def releases(conn: Connection[Any], case_id: int, limit: int, since: Instant) -> list[Row]:
    """Replies on their way, held, or done, newest first, with the newest delivery of each. Of those held: who may release
    them, and the median wait of what was decided since."""
    return (
        reader(conn)
        .execute(
            """
            SELECT r.id, r.kind, coalesce(d.state, r.state), r.text, r.author, r.made_at,
                coalesce(nullif(d.error, ''), nullif(h.remark, ''), h.why, ''),
                CASE WHEN d.state = 'waiting' AND d.attempts = 0 THEN d.not_before ELSE 'epoch' END,
                coalesce(d.attempts, 0), coalesce(d.sent_at, 'epoch'), coalesce(d.url, ''),
                coalesce(o.approvers, '{}'), coalesce(a.names, '{}'), coalesce(u.wait, 0), r.author_id,
                r.pictures::text
            FROM release r
            LEFT JOIN hold h ON h.release_id = r.id
            LEFT JOIN hold o ON o.release_id = r.id AND r.state = 'held' AND o.ended_at IS NULL
            LEFT JOIN LATERAL (SELECT array_agg(name) AS names FROM (
                SELECT s.name FROM membership m JOIN staff s ON s.id = m.staff_id
                WHERE m.brand_id = o.brand_id AND m.roles && o.approvers AND s.is_active AND s.id NOT IN (r.author_id, r.editor_id)
                    AND s.id NOT IN (SELECT g.staff_id FROM approval g WHERE g.release_id = r.id AND g.voided_at IS NULL)
                ORDER BY s.name LIMIT 5) t) a ON o.release_id IS NOT NULL
            LEFT JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY
                extract(epoch FROM p.ended_at - p.held_at) * 1000000)::bigint AS wait FROM hold p
                WHERE p.brand_id = o.brand_id AND p.ended_at >= %s AND p.outcome IN ('approved', 'returned')
            ) u ON o.release_id IS NOT NULL
            LEFT JOIN LATERAL (
                SELECT * FROM delivery d WHERE d.release_id = r.id ORDER BY d.id DESC LIMIT 1
            ) d ON true
            WHERE r.case_id = %s ORDER BY r.id DESC LIMIT %s
            """,
            [to_datetime(since), case_id, limit],
        )
        .fetchall()
    )


def stops(conn: Connection[Any], account: int, channel: str) -> list[Row]:
    """Why nothing goes out by this account now: (scope, cause, by whom)."""
    return (
        reader(conn)
        .execute(
            """
            SELECT scope, cause, stopped_by FROM standing_stops() WHERE scope IN ('everything', 'brand')
                OR (scope = 'account' AND target = %s) OR (scope = 'channel' AND target = %s)
            ORDER BY stopped_at
            """,
            [str(account), channel],
        )
        .fetchall()
    )
