"""The statements of the inbox, put together from a filter. Values always go as parameters.

A list walks an index in its own order and looks at no more than ``SCAN`` cases at a time, so a filter that few cases
pass costs no more than one that all pass; the page is then short, and its cursor goes on where the walk stopped.
"""

from typing import Any

from msgspec import Struct

from townhall.desk import snippets
from townhall.desk.views.inbox import InboxFilter
from townhall.kernel.digits import whole

SCAN = 5_000
"""Walks and counts look at no more cases than this at a time, and say when there are more."""


DUE = "(CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END)"
"""When a case is due, or never. As the index has it: under row-level security the planner looks up by ``CASE``, which
cannot leak a row, but not by ``coalesce`` (measured: 7,000 cases walked to find the first of a group)."""


class Source(Struct, frozen=True):
    """One ordered walk over cases: its condition, its key and order (as the index has them), how a cursor continues.

    ``outer`` is the same order by the names that the walk gives its columns, so that nothing is sorted twice.
    """

    name: str
    where: str
    key: str
    order: str
    outer: str
    after: str


RUNNING = Source(
    "r",
    "state = 'open' AND paused_cause = ''",
    DUE,
    f"{DUE}, id",
    "key, id",
    f"({DUE}, id) > (%(key)s::timestamptz, %(id)s)",
)
WAITING = Source(
    "w",
    "(state = 'waiting' OR (state = 'open' AND paused_cause <> ''))",
    "'infinity'::timestamptz",
    "id",
    "id",
    "id > %(id)s",
)
SNOOZED = Source(
    "s",
    "state = 'snoozed'",
    "snoozed_until",
    "snoozed_until, id",
    "key, id",
    "(snoozed_until, id) > (%(key)s::timestamptz, %(id)s)",
)
CLOSED = Source(
    "c",
    "state = 'closed'",
    "closed_at",
    "closed_at DESC, id DESC",
    "key DESC, id DESC",
    "(closed_at, id) < (%(key)s::timestamptz, %(id)s)",
)

SOURCES: dict[str, tuple[Source, ...]] = {
    "open": (RUNNING, WAITING),
    "waiting": (WAITING,),
    "snoozed": (SNOOZED,),
    "closed": (CLOSED,),
}


def conditions(chosen: InboxFilter, staff: int) -> tuple[str, str, dict[str, Any]]:
    """What the walk itself is narrowed to (a holder has an index, an incident too), what its cases are tested for, and the values."""
    tests: list[str] = []
    values: dict[str, Any] = {"staff": staff}
    inner = " AND ".join([_holder(chosen, values), *_incident(chosen, values)])
    if chosen.assignee == "unassigned":
        tests.append("assignee_id IS NULL")
    if chosen.assignee == "mine_or_unassigned":
        tests.append("(assignee_id IS NULL OR assignee_id = %(staff)s)")
    for column in ("queue", "language", "reason"):
        if value := getattr(chosen, column):
            tests.append(f"{column} = %({column})s")
            values[column] = value
    if chosen.account_id:
        tests.append("account_id = %(account)s")
        values["account"] = chosen.account_id
    if chosen.channel:
        tests.append("account_id IN (SELECT id FROM account WHERE channel = %(channel)s)")
        values["channel"] = chosen.channel
    if chosen.priority >= 0:
        tests.append("priority = %(priority)s")
        values["priority"] = chosen.priority
    if chosen.text.strip():
        tests.append(_TEXT)
        word = chosen.text.strip()
        values["like"] = f"%{_escaped(word)}%"
        values["begins"] = word.lstrip("@")
    return inner, " AND ".join(tests) or "true", values


_TEXT = (
    f"((snippet ILIKE %(like)s AND NOT {snippets.gone('')})"
    " OR customer_id = ANY(ARRAY(SELECT id FROM search_people(%(brand)s, %(begins)s, 500))))"
)


def _holder(chosen: InboxFilter, values: dict[str, Any]) -> str:
    if chosen.assignee == "mine":
        return "assignee_id = %(staff)s"
    if (holder := whole(chosen.assignee)) is not None:
        values["holder"] = holder
        return "assignee_id = %(holder)s"
    return "true"


def _incident(chosen: InboxFilter, values: dict[str, Any]) -> list[str]:
    if not chosen.incident:
        return []
    values["incident"] = int(chosen.incident)
    return ["incident = %(incident)s"]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def rows_statement(source: Source, inner: str, tests: str, *, continued: bool) -> str:
    """The rows of one walk, with what the page shows beside each. ``passed`` is false for the walk's last, if it
    is there only to say where the walk stopped."""
    after = source.after if continued else "true"
    return f"""
    WITH walk AS (
        SELECT *, {source.key} AS key, row_number() OVER (ORDER BY {source.order}) AS place FROM cases
        WHERE brand_id = %(brand)s AND {source.where} AND {inner} AND {after} ORDER BY {source.order} LIMIT {SCAN}
    ), page AS (
        SELECT *, ({tests}) AS passed FROM walk WHERE ({tests}) OR place = {SCAN} ORDER BY {source.outer} LIMIT %(limit)s
    )
    SELECT c.id, c.version, c.state, c.thread_id, a.channel, c.account_id, a.handle, c.customer_id,
        coalesce(p.name, ''), coalesce(p.handle, ''), c.reason, {snippets.shown("c.")}, c.language, c.priority, c.queue, c.posts,
        c.opened_at, c.last_in_at, coalesce(c.assignee_id, 0), coalesce(s.name, ''), t.visibility,
        coalesce(c.due_at, 'epoch'), c.metric, c.paused_cause, coalesce(m.target, 0), coalesce(m.calendar, ''),
        coalesce(m.paused_at, 'epoch'), coalesce(h.held_at, 'epoch'), nullif(c.key, 'infinity'), c.passed, c.place,
        coalesce(c.incident, 0)
    FROM page c
    JOIN account a ON a.id = c.account_id
    LEFT JOIN identity p ON p.id = c.customer_id
    LEFT JOIN staff s ON s.id = c.assignee_id
    LEFT JOIN thread t ON t.id = c.thread_id
    LEFT JOIN LATERAL (
        SELECT target, calendar, paused_at FROM commitment m
        WHERE m.case_id = c.id AND m.satisfied_at IS NULL AND m.cancelled_at IS NULL ORDER BY m.due_at LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (
        SELECT min(made_at) AS held_at FROM release r WHERE r.case_id = c.id AND r.state = 'held'
    ) h ON true
    ORDER BY c.place
    """


def count_statement(chosen: InboxFilter, inner: str, tests: str) -> str:
    """One row: how many cases of the filter's state pass, of at most ``SCAN`` looked at, and whether there were more."""
    walks = " OR ".join(f"({source.where})" for source in SOURCES[chosen.state])
    return f"""
    SELECT count(*) FILTER (WHERE {tests}), count(*) > {SCAN}
    FROM (SELECT * FROM cases WHERE brand_id = %(brand)s AND ({walks}) AND {inner} LIMIT {SCAN + 1}) x
    """


def counts_statement(inner: str, tests: str) -> str:
    """Four counts (those that pass, those looked at) over at most ``SCAN`` cases and one: missed, soon, later,
    waiting; then the next due, the last done, and how many channels there are."""
    key = RUNNING.key

    def count(where: str) -> str:
        return (
            f"(SELECT ARRAY[count(*) FILTER (WHERE {tests}), count(*)] FROM (SELECT * FROM cases"
            f" WHERE brand_id = %(brand)s AND {where} AND {inner} LIMIT {SCAN + 1}) x)"
        )

    running = RUNNING.where
    return f"""
    SELECT {count(f"{running} AND {key} < %(now)s")},
        {count(f"{running} AND {key} >= %(now)s AND {key} <= %(soon)s")},
        {count(f"{running} AND {key} > %(soon)s")},
        {count(WAITING.where)},
        coalesce((SELECT due_at FROM cases WHERE brand_id = %(brand)s AND {running} AND {key} >= %(now)s
            AND due_at IS NOT NULL ORDER BY {key}, id LIMIT 1), 'epoch'),
        coalesce((SELECT closed_at FROM cases WHERE brand_id = %(brand)s AND state = 'closed'
            ORDER BY closed_at DESC, id DESC LIMIT 1), 'epoch'),
        (SELECT count(*) FROM account WHERE brand_id = %(brand)s)
    """
