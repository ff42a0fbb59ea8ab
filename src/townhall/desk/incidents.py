"""Incidents: the list, one of them, and what looks like one. A fixed number of queries whatever their size."""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from townhall.care.logic.incident import Recent, covered_by
from townhall.care.logic.incident import alike as alike_cases
from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.desk.conversation_sql import staff_names
from townhall.desk.history import actor_name
from townhall.desk.views.incidents import (
    Alike,
    IncidentCase,
    IncidentLine,
    IncidentView,
    OpenIncident,
    StoryLine,
)
from townhall.enrich import APART
from townhall.kernel.clock import HOUR, Instant
from townhall.kernel.digits import whole
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.ids import id_at

PAGE = 50
STORY = 100
"""Acts of its story that are shown, the newest."""
OFFERED = 12
"""Open incidents that a menu offers, the newest."""
STATEMENT = "statement_"
"""How acts of a statement begin in an incident's story."""
LATELY = 3 * HOUR
MOST = 500
"""Open cases that are looked at for what looks alike, the newest."""

_LINE = """
SELECT i.number, i.title, coalesce(i.owner_id, 0), coalesce(s.name, ''), coalesce(i.next_update_at, 'epoch'), i.opened_at,
    coalesce(i.closed_at, 'epoch'), n.cases, n.answered, n.waiting, i.opened_by, i.closed_by, i.surge
FROM incident i
LEFT JOIN staff s ON s.id = i.owner_id
CROSS JOIN LATERAL (
    SELECT count(*) AS cases, count(*) FILTER (WHERE c.last_out_at >= c.last_in_at) AS answered,
        count(*) FILTER (WHERE c.state IN ('open', 'snoozed', 'waiting')
            AND (c.last_out_at IS NULL OR c.last_out_at < c.last_in_at)) AS waiting
    FROM cases c WHERE c.brand_id = i.brand_id AND c.incident = i.number AND c.state <> 'merged'
) n
WHERE i.brand_id = %(brand)s
"""

_CASES = f"""
SELECT c.id, a.channel, a.handle, coalesce(p.name, ''), coalesce(p.handle, ''), {snippets.shown("c.")}, c.state,
    coalesce(c.last_out_at >= c.last_in_at, false), coalesce(s.name, ''), c.last_in_at
FROM (
    SELECT * FROM cases WHERE brand_id = %(brand)s AND incident = %(number)s AND state <> 'merged' AND id < %(before)s
    ORDER BY id DESC LIMIT %(limit)s
) c
JOIN account a ON a.id = c.account_id
LEFT JOIN identity p ON p.id = c.customer_id
LEFT JOIN staff s ON s.id = c.assignee_id
ORDER BY c.id DESC
"""

_STORY = """
SELECT id, made_at, actor, act, before, after, cardinality(cases), undoes, coalesce(undone_at, 'epoch') FROM incident_change
WHERE brand_id = %s AND incident = %s ORDER BY id DESC LIMIT %s
"""


def incidents(
    conn: Connection[Any], brand: int, closed: bool, cursor: str, *, limit: int = PAGE
) -> tuple[tuple[IncidentLine, ...], str]:
    """Open incidents, or closed ones, the newest first; and the cursor to more. One query."""
    before = _number(cursor) or 1 << 31
    rows = (
        reader(conn)
        .execute(
            f"{_LINE} AND (i.closed_at IS NOT NULL) = %(closed)s AND i.number < %(before)s"
            " ORDER BY i.number DESC LIMIT %(limit)s",
            {"brand": brand, "closed": closed, "before": before, "limit": limit + 1},
        )
        .fetchall()
    )
    more = str(rows[limit - 1][0]) if len(rows) > limit else ""
    return tuple(IncidentLine(*row[:10]) for row in rows[:limit]), more


def incident(
    conn: Connection[Any], brand: int, number: int, cursor: str, now: Instant, *, limit: int = PAGE
) -> IncidentView:
    """One incident with a page of its cases, the newest first, and its story. Raises ``NotFound``. Four queries."""
    row = (
        reader(conn)
        .execute(f"{_LINE} AND i.number = %(number)s", {"brand": brand, "number": number})
        .fetchone()
    )
    if row is None:
        raise NotFound("That incident does not exist.")
    before = _number(cursor) or (1 << 63) - 1
    cases = (
        reader(conn)
        .execute(_CASES, {"brand": brand, "number": number, "before": before, "limit": limit + 1})
        .fetchall()
    )
    names = staff_names(conn, brand)
    story = reader(conn).execute(_STORY, [brand, number, STORY]).fetchall()
    return IncidentView(
        line=IncidentLine(*row[:10]),
        opened_by=actor_name(row[10], names),
        closed_by=actor_name(row[11], names) if row[11] else "",
        surge=row[12],
        cases=tuple(IncidentCase(*one) for one in cases[:limit]),
        cursor=str(cases[limit - 1][0]) if len(cases) > limit else "",
        story=tuple(_told(one, names) for one in story),
        as_of=now,
    )


def _told(row: tuple[Any, ...], names: Mapping[int, str]) -> StoryLine:
    change, at, actor, act, before, after, cases, undoes, undone_at = row
    undoable = not undone_at and undoes is None and not act.startswith(STATEMENT)
    cases = after.get("cases", cases)
    return StoryLine(
        change, at, actor_name(actor, names), act, _words(before, names), _words(after, names), cases, undoable,
        undone_at,
    )  # fmt: skip


def _words(fields: Mapping[str, Any], names: Mapping[int, str]) -> str:
    if "owner" in fields:
        return names.get(fields["owner"], "somebody who has left") if fields["owner"] else "nobody"
    return str(fields.get("title", ""))


def open_incidents(conn: Connection[Any], brand: int) -> tuple[OpenIncident, ...]:
    """Those that cases may be gathered under, the newest first. One query."""
    rows = conn.execute(
        "SELECT number, title FROM incident WHERE brand_id = %s AND closed_at IS NULL ORDER BY number DESC LIMIT %s",
        [brand, OFFERED],
    )
    return tuple(OpenIncident(*row) for row in rows)


def title(conn: Connection[Any], brand: int, number: int) -> str:
    """The title of an incident, "" if there is none of that number. One query."""
    row = conn.execute(
        "SELECT title FROM incident WHERE brand_id = %s AND number = %s", [brand, number]
    ).fetchone()
    return str(row[0]) if row else ""


_RISING = """
SELECT a.kind, a.subject, a.sentence, coalesce(max(i.number), 0) FROM attention a
LEFT JOIN incident i ON i.brand_id = a.brand_id AND i.surge = a.kind || '/' || a.subject AND i.closed_at IS NULL
WHERE a.brand_id = %s AND a.ended_at IS NULL AND a.kind IN ('topic', 'surge')
GROUP BY a.id ORDER BY a.raised_at, a.id
"""

_LATE = """
SELECT coalesce(n.number, 0), c.id, c.account_id, i.topics, CASE WHEN array_length(string_to_array(trim(i.text), ' '), 1) >= 5
    THEN i.simhash & 9223372036854775807 ELSE 0 END FROM (
    SELECT id, account_id, latest_post, incident FROM cases
    WHERE brand_id = %(brand)s AND id >= %(since)s AND state IN ('open', 'waiting', 'snoozed')
    ORDER BY id DESC LIMIT %(most)s
) c JOIN interaction i ON i.id = c.latest_post AND i.id >= %(posts)s
LEFT JOIN incident n ON n.brand_id = %(brand)s AND n.number = c.incident AND n.closed_at IS NULL
WHERE c.incident IS NULL OR n.number IS NOT NULL
ORDER BY c.id DESC
"""


def alike(conn: Connection[Any], brand: int, now: Instant) -> Alike | None:
    """Open cases of the last three hours, under no incident, that what rises now is made of, and the open incident that is of it or
    has most of it already. One query while nothing rises,
    else two."""
    rising = conn.execute(_RISING, [brand]).fetchall()
    if not rising:
        return None
    since = id_at(now - LATELY)
    rows = conn.execute(_LATE, {"brand": brand, "since": since, "posts": since, "most": MOST})
    every = [
        (number, Recent(case, account, tuple(topics), mark)) for number, case, account, topics, mark in rows
    ]
    recent = [one for number, one in every if not number]
    gathered = [(number, one) for number, one in every if number]
    found = [
        Alike(
            f"{kind}/{subject}",
            sentence,
            tuple(alike_cases(recent, kind, subject, APART)),
            number or covered_by(gathered, kind, subject, APART),
        )
        for kind, subject, sentence, number in rising
    ]
    best = max(found, key=lambda one: len(one.cases))
    return best if best.cases else None


def _number(cursor: str) -> int:
    if (number := whole(cursor or "0")) is None:
        raise Refused("That page does not exist. Start from the top of the list.")
    return number
