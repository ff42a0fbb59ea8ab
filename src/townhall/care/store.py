"""SQL of cases as people change them: one case at a time, locked, with what stood before."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.care.logic import Case
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import NotFound
from townhall.kernel.ids import id_at

_COLUMNS = """id, brand_id, account_id, thread_id, customer_id, version, state, queue, priority,
    coalesce(assignee_id, 0), metric, coalesce(due_at, 'epoch'), paused_cause, coalesce(snoozed_until, 'epoch'),
    coalesce(closed_at, 'epoch'), coalesce(merged_into, 0), coalesce(last_out_at, 'epoch'), latest_post, folded,
    coalesce(incident, 0)"""


class Change(Struct, frozen=True):
    """An act as it was kept, with both its sides.

    ``before`` and ``after`` hold ``cases`` (id → the fields changed), ``commitments`` (id → the whole row; one that
    the act made is missing in ``before``) and, for a note, ``note`` (its id).
    """

    id: int
    case: int
    act: str
    actor: str
    at: Instant
    version: int
    before: dict[str, Any]
    after: dict[str, Any]
    undone_at: Instant


def case(connection: Connection[Any], brand: int, case_id: int, *, lock: bool = False) -> Case:
    """A case of that brand, locked until the transaction ends if so asked. Raises ``NotFound``."""
    row = (
        reader(connection)
        .execute(
            f"SELECT {_COLUMNS} FROM cases WHERE id = %s AND brand_id = %s {'FOR UPDATE' if lock else ''}",
            [case_id, brand],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("That case does not exist.")
    return Case(*row)


def lock_free(connection: Connection[Any], brand: int, case_ids: Sequence[int]) -> set[int]:
    """Locks these cases in order until the transaction ends, those in somebody's hand left out. Gives which."""
    rows = connection.execute(
        "SELECT id FROM cases WHERE brand_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED",
        [brand, list(case_ids)],
    )
    return {row[0] for row in rows}


def write(connection: Connection[Any], case: Case) -> int:
    """Writes what an act changed and counts the version up. Gives the new version."""
    row = connection.execute(
        """
        UPDATE cases SET state = %s, queue = %s, priority = %s, assignee_id = %s, metric = %s, due_at = %s,
            paused_cause = %s, snoozed_until = %s, closed_at = %s, merged_into = %s, incident = %s, version = version + 1
        WHERE id = %s RETURNING version
        """,
        [
            case.state, case.queue, case.priority, case.assignee or None, case.metric, _moment(case.due),
            case.paused_cause, _moment(case.snoozed_until), _moment(case.closed_at), case.merged_into or None,
            case.incident or None, case.id,
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def copy_for(
    connection: Connection[Any], source: int, new_id: int, customer: int, post: int, words: str, at: Instant
) -> None:
    """A new open case beside ``source``, about ``customer``'s ``post`` (published ``at``) in the same thread."""
    connection.execute(
        """
        INSERT INTO cases (id, brand_id, account_id, thread_id, customer_id, priority, queue, reason, snippet,
            language, posts, opened_at, last_in_at, latest_post)
        SELECT %s, brand_id, account_id, thread_id, %s, priority, queue, reason, %s, language, 1, %s, %s, %s
        FROM cases WHERE id = %s
        """,
        [new_id, customer, words, to_datetime(at), to_datetime(at), post, source],
    )


def open_case_of(connection: Connection[Any], thread: int, customer: int) -> int:
    """The open case of that person in that thread, 0 if there is none."""
    row = connection.execute(
        "SELECT id FROM cases WHERE thread_id = %s AND customer_id = %s AND state IN ('open', 'snoozed', 'waiting')",
        [thread, customer],
    ).fetchone()
    return int(row[0]) if row else 0


def keep_change(
    connection: Connection[Any],
    case: Case,
    act: str,
    actor: str,
    at: Instant,
    version: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    other: int = 0,
    undoes: int = 0,
) -> int:
    """Keeps an act with both its sides; ``other`` is a second case it touched. Gives the change's id."""
    row = connection.execute(
        """
        INSERT INTO case_change
            (brand_id, case_id, other_case, act, actor, made_at, version, before, after, undoes)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s) RETURNING id
        """,
        [case.brand, case.id, other or None, act, actor, to_datetime(at), version, json.dumps(before),
         json.dumps(after), undoes or None],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def change(connection: Connection[Any], brand: int, change_id: int) -> Change:
    """One change, locked until the transaction ends. Raises ``NotFound``."""
    rows = _changes(connection, "brand_id = %s AND id = %s FOR UPDATE", [brand, change_id])
    if not rows:
        raise NotFound("That change does not exist.")
    return rows[0]


def later_changes(connection: Connection[Any], case_id: int, change_id: int) -> list[Change]:
    """Changes of a case after this one that still stand."""
    return _changes(
        connection,
        "(case_id = %s OR other_case = %s) AND id > %s AND undone_at IS NULL AND undoes IS NULL ORDER BY id",
        [case_id, case_id, change_id],
    )


def changes_since(connection: Connection[Any], case_id: int, version: int) -> list[Change]:
    """What people did to a case after it had that version."""
    return _changes(connection, "case_id = %s AND version > %s ORDER BY id DESC LIMIT 20", [case_id, version])


def _changes(connection: Connection[Any], where: str, params: Sequence[Any]) -> list[Change]:
    rows = reader(connection).execute(
        "SELECT id, case_id, act, actor, made_at, version, before, after, coalesce(undone_at, 'epoch')"
        f" FROM case_change WHERE {where}",
        params,
    )
    return [Change(*row) for row in rows]


def mark_undone(connection: Connection[Any], change_id: int, actor: str, at: Instant) -> bool:
    """Marks a change as taken back. ``False`` when it was already."""
    done = connection.execute(
        "UPDATE case_change SET undone_by = %s, undone_at = %s WHERE id = %s AND undone_at IS NULL",
        [actor, to_datetime(at), change_id],
    )
    return done.rowcount == 1


def add_clock_event(
    connection: Connection[Any],
    case: Case,
    at: Instant,
    kind: str,
    cause: str,
    actor: str,
    change_id: int | None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Something people did that moves the clocks of a case."""
    connection.execute(
        "INSERT INTO clock_event (brand_id, case_id, at, kind, cause, actor, change_id, detail)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
        [
            case.brand,
            case.id,
            to_datetime(at),
            kind,
            cause,
            actor,
            change_id,
            json.dumps(detail) if detail else None,
        ],
    )


def waits_outside(connection: Connection[Any], case_id: int) -> bool:
    """Whether the case waits for somebody outside the firm, by what people said last."""
    row = connection.execute(
        "SELECT kind = 'pause' FROM clock_event WHERE case_id = %s AND cause = 'third_party' AND NOT undone"
        " ORDER BY at DESC, id DESC LIMIT 1",
        [case_id],
    ).fetchone()
    return bool(row and row[0])


def undo_clock_events(connection: Connection[Any], change_id: int) -> None:
    """Takes the clock events of a change out of every later folding."""
    connection.execute("UPDATE clock_event SET undone = true WHERE change_id = %s", [change_id])


def sleepers(connection: Connection[Any], now: Instant, before: Instant, limit: int = 200) -> list[Case]:
    """Snoozed cases whose moment has come, or whose promise falls due within ``before`` from now. Locked."""
    rows = reader(connection).execute(
        f"SELECT {_COLUMNS} FROM cases WHERE state = 'snoozed' AND (snoozed_until <= %s OR due_at <= %s)"
        " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
        [to_datetime(now), to_datetime(now + before), limit],
    )
    return [Case(*row) for row in rows]


def fresh_id(connection: Connection[Any], now: Instant) -> int:
    """An ordered id for something a person made: the moment, the node of people's acts, a shared number."""
    row = connection.execute("SELECT nextval('people_number')").fetchone()
    assert row is not None
    return id_at(now) | (255 << 13) | int(row[0])


def _moment(instant: Instant) -> Any:
    return to_datetime(instant) if instant else None
