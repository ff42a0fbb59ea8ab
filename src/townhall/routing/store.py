"""SQL of promises and calendars."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints, integers, moments, texts
from townhall.database.copy import CopyInto
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

COMMITMENTS = CopyInto(
    "commitment",
    id="i8", brand_id="i4", case_id="i8", post_id="i8", metric="word", priority="i2", queue="word", target="i8",
    calendar="word", policy_id="i4", started_at="time", due_at="time", satisfied_at="time?", satisfied_by="text",
    cancelled_at="time?", cause="text", paused_at="time?", calendar_version="i4",
)  # fmt: skip


def satisfy(connection: Connection[Any], rows: Sequence[tuple[int, Instant, str]]) -> None:
    """Closes running promises: (commitment, when, by whom). In order of id."""
    if not rows:
        return
    ordered = sorted(rows)
    connection.execute(
        """
        UPDATE commitment c SET satisfied_at = n.at, satisfied_by = n.who
        FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS n(id, at, who)
        WHERE c.id = n.id
        """,
        [bigints([r[0] for r in ordered]), moments([r[1] for r in ordered]), texts([r[2] for r in ordered])],
    )


def bring_forward(connection: Connection[Any], rows: Sequence[tuple[int, Instant]]) -> None:
    """Moves the deadlines of running promises: (commitment, due). In order of id."""
    if not rows:
        return
    ordered = sorted(rows)
    connection.execute(
        """
        UPDATE commitment c SET due_at = n.due FROM unnest(%s::bigint[], %s::timestamptz[]) AS n(id, due)
        WHERE c.id = n.id
        """,
        [bigints([r[0] for r in ordered]), moments([r[1] for r in ordered])],
    )


def running(
    connection: Connection[Any], cases: Sequence[int]
) -> dict[int, tuple[int, str, Instant, Instant]]:
    """The earliest running promise of each case: case → (commitment, metric, started, due).

    The condition is written so that it does not match the index of all running promises: the planner would prefer
    that one, and read thousands of them (9 µs a post).
    """
    if not cases:
        return {}
    rows = reader(connection).execute(
        "SELECT case_id, id, metric, started_at, due_at FROM commitment"
        " WHERE case_id = ANY(%s) AND coalesce(satisfied_at, cancelled_at) IS NULL",
        [bigints(cases)],
        binary=True,
    )
    return {row[0]: row[1:] for row in sorted(rows, key=lambda row: row[4], reverse=True)}


def calendars(
    connection: Connection[Any], after: int = 0
) -> list[tuple[int, int, str, int, dict[str, Any], Instant]]:
    """Versions of calendars made after row ``after``, oldest first: (row, brand, slug, version, document, made at)."""
    return (
        reader(connection)
        .execute(
            "SELECT id, brand_id, slug, version, document, made_at FROM calendar_version WHERE id > %s ORDER BY id",
            [after],
        )
        .fetchall()
    )


def recounts(connection: Connection[Any], after: int = 0) -> list[tuple[int, int, str, int, Instant]]:
    """Acts after row ``after`` that made hours count for what stood, oldest first: (row, brand, slug, version, since when)."""
    return (
        reader(connection)
        .execute(
            "SELECT id, brand_id, slug, version, counted_from FROM recount WHERE id > %s ORDER BY id", [after]
        )
        .fetchall()
    )


def add_recounts(
    connection: Connection[Any], brand: int, calendars: Sequence[tuple[str, int]], actor: str, now: Instant
) -> None:
    """Records that these versions (calendar, number) count from now on also for promises that stand."""
    connection.execute(
        """
        INSERT INTO recount (brand_id, slug, version, counted_from, counted_by)
        SELECT %s, slug, version, %s, %s FROM unnest(%s::text[], %s::integer[]) AS n(slug, version)
        """,
        [
            brand, to_datetime(now), actor, texts([slug for slug, _ in calendars]),
            integers([version for _, version in calendars]),
        ],
    )  # fmt: skip


def queue_calendars(connection: Connection[Any]) -> dict[tuple[int, str], str]:
    """Queues that keep hours of their own: (brand, slug) → calendar."""
    rows = connection.execute("SELECT brand_id, slug, calendar FROM queue WHERE calendar <> ''")
    return {(brand, slug): calendar for brand, slug, calendar in rows}


def add_calendar(connection: Connection[Any], brand: int, slug: str, document: str) -> int:
    """Stores a new version of a calendar and returns its number."""
    row = connection.execute(
        """
        INSERT INTO calendar_version (brand_id, slug, version, document)
        SELECT %(brand)s, %(slug)s, coalesce(max(version), 0) + 1, %(document)s::jsonb
        FROM calendar_version WHERE brand_id = %(brand)s AND slug = %(slug)s RETURNING version
        """,
        {"brand": brand, "slug": slug, "document": document},
    ).fetchone()
    assert row is not None
    return int(row[0])


def add_queues(connection: Connection[Any], brand: int, queues: Sequence[tuple[str, str]]) -> list[str]:
    """Makes queues (slug, title) that are missing; gives the slugs of those, sorted."""
    rows = connection.execute(
        """
        INSERT INTO queue (brand_id, slug, title) SELECT %s, * FROM unnest(%s::text[], %s::text[])
        ON CONFLICT DO NOTHING RETURNING slug
        """,
        [brand, [slug for slug, _ in queues], [title for _, title in queues]],
    )
    return sorted(row[0] for row in rows)
