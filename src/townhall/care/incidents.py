"""SQL of incidents: what they are, which cases are gathered under them, and what was done to each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.care.logic.incident import Incident
from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import NotFound

_NUMBERS = 0x696E6369
_LOCK = "FOR NO KEY UPDATE"
"""Whoever has a statement or a case in hand adds to the story meanwhile, or the two would wait for each other."""

_COLUMNS = """brand_id, number, title, coalesce(owner_id, 0), coalesce(next_update_at, 'epoch'), opened_at, opened_by,
    coalesce(closed_at, 'epoch'), closed_by, surge"""


class Gathered(Struct, frozen=True):
    """A case whose incident changed: ``change`` is its own change in the case's history, ``was`` the incident before (0: none)."""

    change: int
    case: int
    was: int


class Change(Struct, frozen=True):
    """An act as it was kept. ``cases`` are changes of cases that it made."""

    id: int
    incident: int
    act: str
    before: dict[str, Any]
    after: dict[str, Any]
    cases: list[int]
    undone_at: Instant


_ADD = f"""
INSERT INTO incident (brand_id, number, title, owner_id, opened_at, opened_by, surge)
SELECT %(brand)s::integer, coalesce(max(number), 0) + 1, %(title)s::text, %(owner)s::bigint, %(now)s::timestamptz, %(by)s::text,
    %(surge)s::text
FROM incident WHERE brand_id = %(brand)s RETURNING {_COLUMNS}
"""


def get(conn: Connection[Any], brand: int, number: int, *, lock: bool = False) -> Incident:
    """An incident of that brand, locked until the transaction ends if so asked. Raises ``NotFound``."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM incident WHERE brand_id = %s AND number = %s {_LOCK if lock else ''}",
            [brand, number],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("That incident does not exist.")
    return Incident(*row)


def add(
    conn: Connection[Any], brand: int, title: str, owner: int, by: str, surge: str, now: Instant
) -> Incident:
    """A new open incident under the brand's next number."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_NUMBERS, brand])
    values = {
        "brand": brand,
        "title": title,
        "owner": owner or None,
        "now": to_datetime(now),
        "by": by,
        "surge": surge,
    }
    row = reader(conn).execute(_ADD, values).fetchone()
    assert row is not None
    return Incident(*row)


def write(conn: Connection[Any], incident: Incident) -> None:
    """Writes what an act changed."""
    conn.execute(
        "UPDATE incident SET title = %s, owner_id = %s, next_update_at = %s, closed_at = %s, closed_by = %s"
        " WHERE brand_id = %s AND number = %s",
        [
            incident.title, incident.owner or None, _moment(incident.next_update), _moment(incident.closed_at),
            incident.closed_by, incident.brand, incident.number,
        ],
    )  # fmt: skip


def keep_change(
    conn: Connection[Any],
    incident: Incident,
    act: str,
    actor: str,
    now: Instant,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    cases: Sequence[int] = (),
    undoes: int = 0,
) -> int:
    """Keeps an act with both its sides and the changes of cases it made. Gives its id."""
    row = conn.execute(
        "INSERT INTO incident_change (brand_id, incident, act, actor, made_at, before, after, cases, undoes)"
        " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s) RETURNING id",
        [
            incident.brand, incident.number, act, actor, to_datetime(now), json.dumps(before), json.dumps(after),
            bigints(cases), undoes or None,
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def tell(
    conn: Connection[Any], brand: int, number: int, act: str, actor: str, now: Instant, cases: int = 0
) -> None:
    """Adds to an incident's story what was done elsewhere for its ``cases``: nothing here to be undone."""
    conn.execute(
        "INSERT INTO incident_change (brand_id, incident, act, actor, made_at, before, after)"
        " VALUES (%s, %s, %s, %s, %s, '{}', jsonb_build_object('cases', %s::integer))",
        [brand, number, act, actor, to_datetime(now), cases],
    )


def change(conn: Connection[Any], brand: int, number: int, change_id: int) -> Change:
    """One act on an incident, locked. Raises ``NotFound``."""
    row = (
        reader(conn)
        .execute(
            "SELECT id, incident, act, before, after, cases, coalesce(undone_at, 'epoch') FROM incident_change"
            " WHERE brand_id = %s AND incident = %s AND id = %s FOR UPDATE",
            [brand, number, change_id],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("That act does not exist.")
    return Change(*row)


def mark_undone(conn: Connection[Any], change_id: int, actor: str, now: Instant) -> None:
    """An act was taken back."""
    conn.execute(
        "UPDATE incident_change SET undone_by = %s, undone_at = %s WHERE id = %s",
        [actor, to_datetime(now), change_id],
    )


_PUT = """
WITH wanted AS (
    SELECT c.id, c.version, coalesce(c.incident, 0) AS was FROM cases c
    WHERE c.brand_id = %(brand)s AND c.id = ANY(%(cases)s) AND c.state <> 'merged' AND {which} ORDER BY c.id FOR UPDATE
), put AS (
    UPDATE cases c SET incident = nullif(%(to)s, 0) FROM wanted w WHERE c.id = w.id
)
INSERT INTO case_change (brand_id, case_id, act, actor, made_at, version, before, after)
SELECT %(brand)s, id, %(act)s, %(actor)s, %(now)s, version,
    jsonb_build_object('cases', jsonb_build_object(id, jsonb_build_object('incident', was))),
    jsonb_build_object('cases', jsonb_build_object(id, jsonb_build_object('incident', %(to)s::integer)))
FROM wanted ORDER BY id RETURNING id, case_id, (before #>> ARRAY['cases', case_id::text, 'incident'])::integer
"""
_FREE = """c.incident IS DISTINCT FROM %(to)s AND NOT EXISTS (SELECT 1 FROM incident n
    WHERE n.brand_id = c.brand_id AND n.number = c.incident AND n.closed_at IS NULL)"""


def link(
    conn: Connection[Any], brand: int, number: int, cases: Sequence[int], actor: str, now: Instant
) -> list[Gathered]:
    """Gathers cases under an incident; those under an open one, and those merged away, are passed over. One statement.

    No version of a case goes up by it: nothing that is written to the customer meanwhile becomes untrue.
    """
    return _put(conn, _FREE, brand, number, "link", cases, actor, now)


def unlink(
    conn: Connection[Any], brand: int, number: int, cases: Sequence[int], actor: str, now: Instant
) -> list[Gathered]:
    """Takes cases out of an incident; those that are not in it are passed over. One statement."""
    return _put(conn, "c.incident = %(from)s", brand, 0, "unlink", cases, actor, now, number)


def _put(
    conn: Connection[Any],
    which: str,
    brand: int,
    to: int,
    act: str,
    cases: Sequence[int],
    actor: str,
    now: Instant,
    leaving: int = 0,
) -> list[Gathered]:
    values = {
        "brand": brand, "to": to, "from": leaving, "act": act, "cases": bigints(cases), "actor": actor,
        "now": to_datetime(now),
    }  # fmt: skip
    return [Gathered(*row) for row in conn.execute(_PUT.format(which=which), values)]


_BACK = """
WITH wanted AS (
    SELECT c.id, c.version, k.id AS change, coalesce(c.incident, 0) AS is_in,
        (k.before #>> ARRAY['cases', c.id::text, 'incident'])::integer AS was
    FROM case_change k JOIN cases c ON c.id = k.case_id AND c.brand_id = k.brand_id
    WHERE k.brand_id = %(brand)s AND k.id = ANY(%(changes)s) AND k.undone_at IS NULL
        AND coalesce(c.incident, 0) = (k.after #>> ARRAY['cases', c.id::text, 'incident'])::integer
    ORDER BY c.id FOR UPDATE OF c
), put AS (
    UPDATE cases c SET incident = nullif(w.was, 0) FROM wanted w WHERE c.id = w.id
), marked AS (
    UPDATE case_change k SET undone_by = %(actor)s, undone_at = %(now)s FROM wanted w WHERE k.id = w.change
)
INSERT INTO case_change (brand_id, case_id, act, actor, made_at, version, before, after, undoes)
SELECT %(brand)s, id, 'undo', %(actor)s, %(now)s, version,
    jsonb_build_object('cases', jsonb_build_object(id, jsonb_build_object('incident', is_in))),
    jsonb_build_object('cases', jsonb_build_object(id, jsonb_build_object('incident', was))), change
FROM wanted ORDER BY id RETURNING id, case_id, (after #>> ARRAY['cases', case_id::text, 'incident'])::integer
"""


def put_back(
    conn: Connection[Any], brand: int, changes: Sequence[int], actor: str, now: Instant
) -> list[Gathered]:
    """Cases under the incident they were under before these changes; those that went on since stay. ``was`` is where they are now."""
    values = {"brand": brand, "changes": bigints(changes), "actor": actor, "now": to_datetime(now)}
    return [Gathered(*row) for row in conn.execute(_BACK, values)]


def overdue(conn: Connection[Any], now: Instant) -> list[Incident]:
    """Open incidents of every brand whose next update is past, where nobody was told of that yet (``cause_of``)."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM incident i WHERE closed_at IS NULL AND next_update_at <= %s AND NOT EXISTS (SELECT 1"
        " FROM notice_told t WHERE t.brand_id = i.brand_id AND t.cause = 'incident/' || i.number || '/' ||"
        " (extract(epoch FROM i.next_update_at) * 1000000)::bigint) ORDER BY next_update_at LIMIT 100",
        [to_datetime(now)],
    )
    return [Incident(*row) for row in rows]


def cause_of(incident: Incident) -> str:
    """What an overdue update is remembered by, once it was told."""
    return f"incident/{incident.number}/{incident.next_update}"


def _moment(instant: Instant) -> Any:
    return to_datetime(instant) if instant else None
