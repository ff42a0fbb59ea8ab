"""SQL of promises and calendars."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.database.arrays import bigints, moments, texts
from townhall.database.copy import CopyInto
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime

COMMITMENTS = CopyInto(
    "commitment",
    id="i8", brand_id="i4", case_id="i8", post_id="i8", metric="word", priority="i2", queue="word", target="i8",
    calendar="word", policy_id="i4", started_at="time", due_at="time", satisfied_at="time?", satisfied_by="text",
    cancelled_at="time?", cause="text", paused_at="time?",
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


def of_cases(connection: Connection[Any], cases: Sequence[int]) -> list[tuple[Any, ...]]:
    """Every commitment of these cases: (id, case, post, metric, started, due, satisfied, satisfied by, cancelled,
    cause, paused)."""
    return (
        reader(connection)
        .execute(
            """
        SELECT id, case_id, post_id, metric, started_at, due_at, satisfied_at, satisfied_by, cancelled_at, cause,
            paused_at
        FROM commitment WHERE case_id = ANY(%s) ORDER BY case_id, started_at, id
        """,
            [bigints(cases)],
            binary=True,
        )
        .fetchall()
    )


def rewrite(connection: Connection[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    """Writes what folding again found: (id, started, due, satisfied or 0, by, cancelled or 0, cause, paused or 0,
    metric, post)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            UPDATE commitment SET started_at = %s, due_at = %s, satisfied_at = %s, satisfied_by = %s,
                cancelled_at = %s, cause = %s, paused_at = %s, metric = %s, post_id = %s WHERE id = %s
            """,
            [
                (to_datetime(started), to_datetime(due), _moment(satisfied), by, _moment(cancelled), cause,
                 _moment(paused), metric, post, id)
                for id, started, due, satisfied, by, cancelled, cause, paused, metric, post in sorted(rows)
            ],
        )  # fmt: skip


def withdraw(connection: Connection[Any], ids: Sequence[int]) -> None:
    """Removes promises that never were: only folding again may find that, and its fact says so."""
    if ids:
        connection.execute("DELETE FROM commitment WHERE id = ANY(%s)", [bigints(ids)])


def _moment(instant: Instant) -> Any:
    return to_datetime(instant) if instant else None


def calendars(connection: Connection[Any]) -> list[tuple[int, str, int, dict[str, Any]]]:
    """The newest version of every calendar: (brand, slug, version, document)."""
    return connection.execute(
        """
        SELECT DISTINCT ON (brand_id, slug) brand_id, slug, version, document
        FROM calendar_version ORDER BY brand_id, slug, version DESC
        """
    ).fetchall()


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


def add_queues(connection: Connection[Any], brand: int, queues: Sequence[tuple[str, str]]) -> None:
    """Makes queues (slug, title) that are missing."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO queue (brand_id, slug, title) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [(brand, slug, title) for slug, title in queues],
        )
