"""SQL of notices: who is told of what, once for a group, and by which ways out of the house."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import MINUTE, SECOND, Instant, to_datetime

AGAIN_AFTER: Instant = 10 * MINUTE
"""A notice that grows leaves the house at most this often."""
GATHER_FOR: Instant = 5 * MINUTE
"""What is not urgent waits this long for more of its kind."""
LEASE: Instant = 60 * SECOND
MOST_ATTEMPTS = 8
_DUTY = 0x64757479


class Telling(Struct, frozen=True):
    """Something to tell one person. Tellings of one ``kind`` and ``subject`` are one notice until acknowledged."""

    brand: int
    staff: int
    kind: str
    subject: str
    title: str
    url: str
    urgent: bool
    happenings: int = 1
    escalated_from: int = 0


class Sending(Struct, frozen=True):
    """A notice on its way out by one way, leased to whoever claimed it."""

    id: int
    notice: int
    happenings: int
    kind: str
    title: str
    url: str
    urgent: bool
    brand: int
    staff: int
    way: str
    address: str
    secret_key: bytes | None
    secret_body: bytes | None
    first_at: Instant
    attempts: int


def tell(connection: Connection[Any], telling: Telling, now: Instant) -> int:
    """Tells one person: a new notice, or one more happening of the open one. Gives the notice's id."""
    return tell_all(connection, [telling], now)[0]


_TELL = """
INSERT INTO notice AS n (brand_id, staff_id, kind, subject, urgent, title, url, happenings, escalated_from, first_at, last_at)
SELECT t.*, %s, %s FROM unnest(%s::integer[], %s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[],
    %s::integer[], %s::bigint[]) AS t
ON CONFLICT (brand_id, staff_id, kind, subject) WHERE acknowledged_at IS NULL DO UPDATE
    SET happenings = n.happenings + excluded.happenings, last_at = excluded.last_at, title = excluded.title,
        url = excluded.url, urgent = n.urgent OR excluded.urgent
RETURNING id
"""


def tell_all(connection: Connection[Any], tellings: Sequence[Telling], now: Instant) -> list[int]:
    """Tells many, each of another person or about something else. Gives the notices' ids. Two statements."""
    if not tellings:
        return []
    columns = [
        [one.brand for one in tellings], [one.staff for one in tellings], [one.kind for one in tellings],
        [one.subject for one in tellings], [one.urgent for one in tellings], [one.title for one in tellings],
        [one.url for one in tellings], [one.happenings for one in tellings],
        [one.escalated_from or None for one in tellings],
    ]  # fmt: skip
    moment = to_datetime(now)
    found = [int(row[0]) for row in connection.execute(_TELL, [moment, moment, *columns])]
    _send_later(connection, found, [one.urgent for one in tellings], now)
    return found


def _send_later(
    connection: Connection[Any], told: Sequence[int], urgent: Sequence[bool], now: Instant
) -> None:
    """One sending for each of a person's ways, unless one waits already: what waits says it all when it leaves."""
    connection.execute(
        """
        INSERT INTO notice_sending (brand_id, notice_id, way_id, happenings, not_before)
        SELECT w.brand_id, n.id, w.id, n.happenings, greatest(CASE WHEN t.urgent THEN %(now)s ELSE %(later)s END::timestamptz,
            (SELECT max(sent_at) FROM notice_sending s WHERE s.notice_id = n.id AND s.way_id = w.id) + %(again)s * interval '1 microsecond')
        FROM unnest(%(told)s::bigint[], %(urgent)s::boolean[]) AS t (id, urgent) JOIN notice n ON n.id = t.id
        JOIN notice_way w ON w.brand_id = n.brand_id AND w.staff_id = n.staff_id AND w.stopped_at IS NULL
            AND (t.urgent OR NOT w.urgent_only)
        WHERE NOT EXISTS (SELECT 1 FROM notice_sending s WHERE s.notice_id = n.id AND s.way_id = w.id AND s.state = 'ready')
        ON CONFLICT DO NOTHING
        """,
        {
            "told": list(told), "urgent": list(urgent), "now": to_datetime(now),
            "later": to_datetime(now + GATHER_FOR), "again": AGAIN_AFTER,
        },
    )  # fmt: skip


def first_time(connection: Connection[Any], brand: int, cause: str, now: Instant) -> bool:
    """Whether this cause has not been told of before; it has from now on."""
    done = connection.execute(
        "INSERT INTO notice_told (brand_id, cause, told_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [brand, cause, to_datetime(now)],
    )
    return done.rowcount == 1


def acknowledge(connection: Connection[Any], brand: int, staff: int, notice_id: int, now: Instant) -> bool:
    """The person has seen it: it neither escalates nor leaves the house any more. ``False`` when it was already."""
    done = connection.execute(
        "UPDATE notice SET acknowledged_at = %s WHERE id = %s AND brand_id = %s AND staff_id = %s AND acknowledged_at IS NULL",
        [to_datetime(now), notice_id, brand, staff],
    )
    return done.rowcount == 1


def settle(connection: Connection[Any], brand: int, kind: str, subject: str, now: Instant) -> None:
    """What it was about is over: everybody's open notice of it is put away, and nobody else is told."""
    connection.execute(
        "UPDATE notice SET acknowledged_at = %s WHERE brand_id = %s AND kind = %s AND subject = %s AND acknowledged_at IS NULL",
        [to_datetime(now), brand, kind, subject],
    )


def to_escalate(connection: Connection[Any], before: Instant, limit: int = 100) -> list[tuple[int, Telling]]:
    """Urgent notices nobody acknowledged since ``before``, each once: they are marked as passed on."""
    rows = reader(connection).execute(
        """
        WITH late AS (
            SELECT id FROM notice WHERE urgent AND acknowledged_at IS NULL AND escalated_at IS NULL AND first_at <= %s
            ORDER BY first_at LIMIT %s FOR UPDATE SKIP LOCKED
        )
        UPDATE notice n SET escalated_at = clock_timestamp() FROM late WHERE n.id = late.id
        RETURNING n.id, n.brand_id, n.staff_id, n.kind, n.subject, n.title, n.url, n.urgent, n.happenings
        """,
        [to_datetime(before), limit],
    )
    return [(row[0], Telling(*row[1:9])) for row in rows]


def claim(connection: Connection[Any], now: Instant, limit: int = 1) -> list[Sending]:
    """Takes sendings that are due, the urgent and the least tried first, under a lease: whoever dies with them lets others
    try again. One whose notice was acknowledged meanwhile is passed over."""
    rows = reader(connection).execute(
        """
        WITH due AS (
            SELECT s.id FROM notice_sending s JOIN notice n ON n.id = s.notice_id WHERE s.state = 'ready'
                AND s.not_before <= %(now)s AND (s.leased_until IS NULL OR s.leased_until <= %(now)s)
                AND n.acknowledged_at IS NULL
            ORDER BY n.urgent DESC, s.attempts, s.not_before LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
        ), mine AS (
            UPDATE notice_sending s SET leased_until = %(until)s, attempts = attempts + 1 FROM due WHERE s.id = due.id
            RETURNING s.*
        )
        SELECT m.id, n.id, n.happenings, n.kind, n.title, n.url, n.urgent, n.brand_id, n.staff_id, w.way,
            w.address, w.secret_key, w.secret_body, n.first_at, m.attempts
        FROM mine m JOIN notice n ON n.id = m.notice_id JOIN notice_way w ON w.id = m.way_id
        WHERE n.acknowledged_at IS NULL ORDER BY m.id
        """,
        {"now": to_datetime(now), "until": to_datetime(now + LEASE), "limit": limit},
    )
    return [Sending(*row) for row in rows]


def settle_sent(connection: Connection[Any], sending: Sending, now: Instant) -> None:
    """It left the house."""
    connection.execute(
        "UPDATE notice_sending SET state = 'sent', sent_at = %s, leased_until = NULL, failure = '' WHERE id = %s",
        [to_datetime(now), sending.id],
    )


def settle_failed(
    connection: Connection[Any], sending: Sending, why: str, now: Instant, *, permanent: bool
) -> None:
    """It did not: tried again after 2, 4, 8 … seconds up to five minutes, and given up in the end."""
    over = permanent or sending.attempts >= MOST_ATTEMPTS
    wait = min(2**sending.attempts, 300) * SECOND
    connection.execute(
        "UPDATE notice_sending SET state = %s, not_before = %s, leased_until = NULL, failure = %s WHERE id = %s",
        ["failed" if over else "ready", to_datetime(now + wait), why[:500], sending.id],
    )


def drop_acknowledged(connection: Connection[Any]) -> int:
    """Sendings of notices that were acknowledged before they left are not sent. Gives how many."""
    return connection.execute(
        "UPDATE notice_sending s SET state = 'failed', failure = 'acknowledged before it was sent' FROM notice n"
        " WHERE n.id = s.notice_id AND s.state = 'ready' AND n.acknowledged_at IS NOT NULL"
    ).rowcount


def count_ways(connection: Connection[Any], brand: int, staff: int, *, but: str) -> int:
    """How many ways somebody is told by, not counting the address ``but``."""
    row = connection.execute(
        "SELECT count(*) FROM notice_way WHERE brand_id = %s AND staff_id = %s AND stopped_at IS NULL AND address <> %s",
        [brand, staff, but],
    ).fetchone()
    return int(row[0]) if row else 0


def add_way(
    connection: Connection[Any],
    brand: int,
    staff: int,
    way: str,
    address: str,
    sealed: tuple[bytes, bytes] | None,
    *,
    urgent_only: bool = False,
) -> int:
    """A way to reach somebody outside the house: ``email`` or ``webhook`` (with its sealed secret). Gives its id."""
    key, body = sealed or (None, None)
    row = connection.execute(
        """
        INSERT INTO notice_way (brand_id, staff_id, way, address, secret_key, secret_body, urgent_only)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (brand_id, staff_id, way, address) DO UPDATE SET secret_key = excluded.secret_key,
            secret_body = excluded.secret_body, urgent_only = excluded.urgent_only, stopped_at = NULL
        RETURNING id
        """,
        [brand, staff, way, address, key, body, urgent_only],
    ).fetchone()
    assert row is not None
    return int(row[0])


def lock_duty(connection: Connection[Any], brand: int) -> None:
    """Lets one change of a brand's order of duty happen at a time, until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_DUTY, brand])


def put_on_duty(connection: Connection[Any], brand: int, ranks: list[int]) -> None:
    """Who is told next when somebody does not answer: staff in order. Replaces the order before."""
    connection.execute("DELETE FROM notice_duty WHERE brand_id = %s", [brand])
    for rank, staff in enumerate(ranks):
        connection.execute(
            "INSERT INTO notice_duty (brand_id, staff_id, rank) VALUES (%s, %s, %s)", [brand, staff, rank]
        )


def stop_way(connection: Connection[Any], brand: int, staff: int, way_id: int, now: Instant) -> bool:
    """Uses a way no more. ``False`` when there was none in use."""
    done = connection.execute(
        "UPDATE notice_way SET stopped_at = %s WHERE id = %s AND brand_id = %s AND staff_id = %s AND stopped_at IS NULL",
        [to_datetime(now), way_id, brand, staff],
    )
    return done.rowcount == 1
