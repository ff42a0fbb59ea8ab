"""The inbox: what waits, the most urgent first. A fixed number of queries whatever the size of the list."""

from typing import Any

import msgspec
from psycopg import Connection

from townhall.care.logic import initials
from townhall.database.instants import reader
from townhall.desk import inbox_sql as statements
from townhall.desk.clocks import Running, Timetables, clock_view, timetables
from townhall.desk.heard import health_at
from townhall.desk.inbox_sql import SCAN, SOURCES, WAITING, Source
from townhall.desk.views.clocks import SOON, Holder
from townhall.desk.views.inbox import (
    ChannelBehind,
    GroupKey,
    InboxFilter,
    InboxGroup,
    InboxPage,
    InboxRow,
    SavedFilter,
)
from townhall.kernel.clock import Instant, to_datetime, to_iso
from townhall.kernel.digits import moment, whole
from townhall.kernel.errors import Refused
from townhall.kernel.ids import id_at

PAGE = 50
_HEALTHY = ("ok", "new")


def page(
    conn: Connection[Any],
    brand: int,
    chosen: InboxFilter,
    cursor: str,
    now: Instant,
    *,
    staff: int = 0,
    limit: int = PAGE,
) -> InboxPage:
    """One page of the list, with heads and counts. ``staff`` is who reads ("mine"). At most six queries.

    Raises ``Refused`` for a cursor that is none.
    """
    inner, tests, values = statements.conditions(chosen, staff)
    values |= {"brand": brand, "now": to_datetime(now), "soon": to_datetime(now + SOON), "limit": limit + 1}
    counts = reader(conn).execute(statements.counts_statement(inner, tests), values).fetchone()
    assert counts is not None
    rows, following = _rows(conn, chosen, cursor, inner, tests, values, now)
    return InboxPage(
        groups=_groups(chosen, counts),
        rows=tuple(rows),
        cursor=following,
        mark=str(id_at(now)),
        as_of=now,
        filter=chosen,
        behind=channels_behind(conn, brand),
        saved=saved_filters(conn, brand, staff),
        channels=counts[6],
        last_done_at=counts[5],
        next_due=counts[4],
    )


def news(conn: Connection[Any], brand: int, chosen: InboxFilter, mark: str, *, staff: int = 0) -> int:
    """How many cases of this filter were opened since a page's ``mark``; stops counting at 1,000."""
    inner, tests, values = statements.conditions(chosen, staff)
    values |= {"brand": brand, "mark": whole(mark) or 0}
    row = (
        reader(conn)
        .execute(
            "SELECT count(*) FROM (SELECT * FROM cases WHERE id >= %(mark)s AND brand_id = %(brand)s"
            f" AND state = 'open' AND {inner} ORDER BY id LIMIT 1000) x WHERE {tests}",
            values,
        )
        .fetchone()
    )
    return int(row[0]) if row else 0


def count(conn: Connection[Any], brand: int, chosen: InboxFilter, *, staff: int = 0) -> tuple[int, bool]:
    """How many cases a filter shows, and whether there are more than it looked at. One query."""
    inner, tests, values = statements.conditions(chosen, staff)
    row = (
        reader(conn)
        .execute(statements.count_statement(chosen, inner, tests), values | {"brand": brand})
        .fetchone()
    )
    return (int(row[0]), bool(row[1])) if row else (0, False)


def next_case(
    conn: Connection[Any], brand: int, chosen: InboxFilter, now: Instant, staff: int, after: int = 0
) -> int:
    """The most urgent case of this filter that nobody else holds (0: none), for *Next*. ``after`` is passed over."""
    narrowed = (
        chosen
        if chosen.assignee == "mine"
        else msgspec.structs.replace(chosen, assignee="mine_or_unassigned")
    )
    inner, tests, values = statements.conditions(narrowed, staff)
    values |= {"brand": brand, "now": to_datetime(now), "limit": 2, "after": after}
    statement = statements.rows_statement(
        statements.RUNNING, inner, f"({tests}) AND id <> %(after)s", continued=False
    )
    found = reader(conn).execute(statement, values).fetchone()
    return int(found[0]) if found and found[29] else 0


def channels_behind(conn: Connection[Any], brand: int) -> tuple[ChannelBehind, ...]:
    """Channels that do not deliver as they should."""
    rows = reader(conn).execute(
        f"SELECT a.id, a.channel, a.handle, h.state, h.lag_seconds, h.since, h.message FROM account a"
        f" {health_at('clock_timestamp()')} WHERE a.brand_id = %s AND h.state <> ALL(%s) ORDER BY a.id",
        [brand, list(_HEALTHY)],
    )
    return tuple(ChannelBehind(*row) for row in rows)


def saved_filters(conn: Connection[Any], brand: int, staff: int) -> tuple[SavedFilter, ...]:
    """One's own filters and those shared with everybody, by name."""
    rows = reader(conn).execute(
        "SELECT id, name, filter, shared FROM saved_filter WHERE brand_id = %s AND (staff_id = %s OR shared) ORDER BY name, id",
        [brand, staff],
    )
    return tuple(SavedFilter(row[0], row[1], msgspec.convert(row[2], InboxFilter), row[3]) for row in rows)


def _rows(
    conn: Connection[Any],
    chosen: InboxFilter,
    cursor: str,
    inner: str,
    tests: str,
    values: dict[str, Any],
    now: Instant,
) -> tuple[list[InboxRow], str]:
    """The rows after the cursor, and the cursor after them. Walks the sources in order until the page is full."""
    sources = SOURCES.get(chosen.state)
    if sources is None:
        raise Refused("A filter's state is open, waiting, snoozed or closed.")
    name, key, last = _parse(cursor)
    start = next((n for n, source in enumerate(sources) if source.name == name), 0)
    hours = timetables(conn, values["brand"])
    limit = values["limit"] - 1
    rows: list[InboxRow] = []
    for n, source in enumerate(sources[start:]):
        continued = bool(name) and n == 0
        asked = {**values, "key": key, "id": last, "limit": limit - len(rows) + 1}
        found = (
            reader(conn)
            .execute(statements.rows_statement(source, inner, tests, continued=continued), asked)
            .fetchall()
        )
        shown = [row for row in found if row[29]][: limit - len(rows)]
        rows += [_row(row, source, chosen, now, hours) for row in shown]
        if len(shown) < len(found) and len(rows) == limit:
            return rows, _cursor(source, shown[-1]) if shown else f"{source.name}.inf.0"
        if found and found[-1][30] == SCAN:
            return rows, _cursor(source, found[-1])
    return rows, ""


def _row(
    row: tuple[Any, ...], source: Source, chosen: InboxFilter, now: Instant, hours: Timetables
) -> InboxRow:
    paused = row[23] != ""
    running = Running(row[21], row[22], row[24], row[25], paused, row[23], row[26], row[27])
    return InboxRow(
        case_id=row[0], version=row[1], group=_group(row[21], source, now), clock=clock_view(running, now, hours),
        state=row[2], thread_id=row[3], channel=row[4], account_id=row[5], account_handle=row[6], person_id=row[7],
        person_name=row[8], person_handle=row[9], reason=row[10], snippet=row[11],
        hits=spans(row[11], chosen.text), language=row[12], priority=row[13], queue=row[14], posts=row[15],
        opened_at=row[16], last_in_at=row[17],
        holder=Holder(row[18], row[19], initials(row[19])) if row[18] else None, visibility=row[20] or "public",
        incident=row[31],
    )  # fmt: skip


def _group(due: Instant, source: Source, now: Instant) -> GroupKey:
    if source is WAITING:
        return "waiting"
    if source.name in ("s", "c"):
        return "snoozed" if source.name == "s" else "closed"
    if not due:
        return "later"
    return "missed" if due < now else "soon" if due <= now + SOON else "later"


def _groups(chosen: InboxFilter, counts: tuple[Any, ...]) -> tuple[InboxGroup, ...]:
    if chosen.state not in ("open", "waiting"):
        return ()
    keys: tuple[GroupKey, ...] = ("missed", "soon", "later", "waiting")
    groups = [
        InboxGroup(key, min(passed, SCAN), looked_at > SCAN, counts[4] if key == "later" else 0)
        for key, (passed, looked_at) in zip(keys, counts[:4], strict=True)
    ]
    return tuple(groups if chosen.state == "open" else groups[3:])


def spans(text: str, word: str) -> tuple[tuple[int, int], ...]:
    """Where a word stands in a text, whatever its case: spans in code points."""
    wanted = word.strip().lower()
    folded = text.lower()
    if not wanted or len(folded) != len(text):
        return ()
    found: list[tuple[int, int]] = []
    at = folded.find(wanted)
    while at >= 0 and len(found) < 20:
        found.append((at, at + len(wanted)))
        at = folded.find(wanted, at + len(wanted))
    return tuple(found)


def _cursor(source: Source, row: tuple[Any, ...]) -> str:
    return f"{source.name}.{row[28] if row[28] is not None else 'inf'}.{row[0]}"


def _parse(cursor: str) -> tuple[str, str, int]:
    if not cursor:
        return "", "infinity", 0
    parts = cursor.split(".")
    known = {source.name for group in SOURCES.values() for source in group}
    gone = Refused("That page does not exist. Start from the top of the list.")
    if len(parts) != 3 or parts[0] not in known or (id := whole(parts[2])) is None:
        raise gone
    if parts[1] == "inf":
        return parts[0], "infinity", id
    if (at := moment(parts[1])) is None:
        raise gone
    return parts[0], to_iso(at), id
