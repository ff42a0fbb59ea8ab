"""SQL of threads and cases as the pipeline writes them: whole batches, sorted, set-based."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints, integers, moments, texts
from townhall.database.copy import CopyInto
from townhall.database.instants import reader
from townhall.kernel.clock import Instant


class ThreadState(Struct, gc=False):
    """A stored thread: newest post from outside and from us (0 for none), and what it was joined into (0)."""

    posts: int
    last_in: Instant
    last_out: Instant
    joined_into: int


class OpenCase(Struct, gc=False):
    """An open case, with its running promise once routing has told it (``commitment`` 0 when nothing runs).

    ``changed`` and ``fresh`` are the batch's own marks. ``folded``: its clocks are always folded from all that happened,
    never stepped. ``closed`` is when it was, 0 while it is open.
    """

    id: int
    brand: int
    account: int
    thread: int
    customer: int
    state: str
    queue: str
    priority: int
    posts: int
    last_in: Instant
    last_out: Instant
    latest_post: int
    commitment: int = 0
    metric: str = ""
    started: Instant = 0
    due: Instant = 0
    changed: bool = False
    fresh: bool = False
    folded: bool = False
    closed: Instant = 0


def thread_states(connection: Connection[Any], ids: Sequence[int]) -> dict[int, ThreadState]:
    """What is known of these threads."""
    rows = reader(connection).execute(
        "SELECT id, posts, last_in_at, last_out_at, joined_into FROM thread WHERE id = ANY(%s)",
        [bigints(ids)],
        binary=True,
    )
    return {row[0]: ThreadState(row[1], row[2] or 0, row[3] or 0, row[4] or 0) for row in rows}


_COLUMNS = """id, brand_id, account_id, thread_id, customer_id, state, queue, priority, posts, last_in_at,
    coalesce(last_out_at, 'epoch'), latest_post, coalesce(due_at, 'epoch'), folded, coalesce(closed_at, 'epoch')"""


def open_cases(connection: Connection[Any], threads: Sequence[int]) -> dict[tuple[int, int], OpenCase]:
    """The open cases of these threads by (thread, customer), without their promises."""
    rows = reader(connection).execute(
        f"SELECT {_COLUMNS} FROM cases WHERE thread_id = ANY(%s) AND state IN ('open', 'snoozed', 'waiting')",
        [bigints(threads)],
        binary=True,
    )
    return {(row[3], row[4]): _case(row) for row in rows}


def cases_by_id(connection: Connection[Any], ids: Sequence[int]) -> list[OpenCase]:
    """These cases, closed ones too, without their promises; in order of id."""
    rows = reader(connection).execute(
        f"SELECT {_COLUMNS} FROM cases WHERE id = ANY(%s) ORDER BY id", [bigints(ids)], binary=True
    )
    return [_case(row) for row in rows]


def case_ids(connection: Connection[Any], brand: int, after: int, most: int) -> list[int]:
    """The next cases of a brand in order of id."""
    rows = connection.execute(
        "SELECT id FROM cases WHERE brand_id = %s AND id > %s ORDER BY id LIMIT %s", [brand, after, most]
    )
    return [row[0] for row in rows]


def _case(row: tuple[Any, ...]) -> OpenCase:
    case = OpenCase(*row[:12])
    case.due, case.folded, case.closed = row[12:]
    return case


def earlier_closings(connection: Connection[Any], cases: Sequence[int]) -> dict[int, Instant]:
    """When the last earlier case of the same person in the same thread was closed: what came before belongs to that one."""
    rows = reader(connection).execute(
        """
        SELECT c.id, max(e.closed_at) FROM cases c JOIN cases e ON e.thread_id = c.thread_id
            AND e.customer_id = c.customer_id AND e.id < c.id AND e.state = 'closed'
        WHERE c.id = ANY(%s) GROUP BY c.id
        """,
        [bigints(cases)],
        binary=True,
    )
    return dict(rows.fetchall())


def put_clocks(connection: Connection[Any], cases: Sequence[tuple[int, str]]) -> None:
    """Marks cases as folded, with why their clock stands still ("": it runs). In order of id."""
    if not cases:
        return
    ordered = sorted(cases)
    connection.execute(
        "UPDATE cases c SET folded = true, paused_cause = n.cause FROM unnest(%s::bigint[], %s::text[]) AS n(id, cause)"
        " WHERE c.id = n.id",
        [bigints([id for id, _ in ordered]), texts([cause for _, cause in ordered])],
    )


NEW_THREADS = CopyInto(
    "thread",
    id="i8", brand_id="i4", account_id="i4", conversation="text", visibility="word", first_at="time",
    last_at="time", posts="i4", last_in_at="time?", last_out_at="time?",
)  # fmt: skip


def add_threads(connection: Connection[Any], threads: Mapping[int, Sequence[Any]], stored: Set[int]) -> None:
    """Adds a batch's posts to its threads: id → (brand, account, conversation, visibility, first, last, posts,
    last in or 0, last out or 0). Those not in ``stored`` are new; raises ``UniqueViolation`` when another worker was first.

    In order of id, so that workers never wait in a circle.
    """
    ordered = sorted(threads)
    NEW_THREADS.write(connection, [_thread_row(id, *threads[id]) for id in ordered if id not in stored])
    _grow_threads(connection, {id: threads[id] for id in ordered if id in stored})


def _thread_row(id: int, *row: Any) -> tuple[Any, ...]:
    *head, seen_in, seen_out = row
    return id, *head, seen_in or None, seen_out or None


def _grow_threads(connection: Connection[Any], threads: Mapping[int, Sequence[Any]]) -> None:
    if not threads:
        return
    _, _, _, _, first, last, posts, seen_in, seen_out = zip(*threads.values(), strict=True)
    connection.execute(
        """
        UPDATE thread t SET first_at = least(t.first_at, n.first), last_at = greatest(t.last_at, n.last),
            posts = t.posts + n.posts, last_in_at = greatest(t.last_in_at, nullif(n.seen_in, 'epoch')),
            last_out_at = greatest(t.last_out_at, nullif(n.seen_out, 'epoch'))
        FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::integer[], %s::timestamptz[],
            %s::timestamptz[]) AS n(id, first, last, posts, seen_in, seen_out)
        WHERE t.id = n.id
        """,
        [
            bigints(list(threads)), moments(first), moments(last), integers(posts), moments(seen_in),
            moments(seen_out),
        ],
    )  # fmt: skip


def join_threads(connection: Connection[Any], joins: Sequence[tuple[int, int, int, str]]) -> None:
    """Joins threads found to be one: (brand, from, into, evidence). Kept as a link that can be undone."""
    for brand, source, target, evidence in sorted(joins):
        connection.execute(
            """
            WITH joined AS (
                UPDATE thread SET joined_into = %(into)s WHERE id = %(from)s AND joined_into IS NULL RETURNING id
            )
            INSERT INTO thread_join (brand_id, from_id, into_id, evidence)
            SELECT %(brand)s, id, %(into)s, %(evidence)s FROM joined
            """,
            {"brand": brand, "from": source, "into": target, "evidence": evidence},
        )


CASES = CopyInto(
    "cases",
    id="i8", brand_id="i4", account_id="i4", thread_id="i8", customer_id="i8", state="word", priority="i2",
    queue="word", reason="word", snippet="text", language="word", posts="i4", opened_at="time", last_in_at="time",
    last_out_at="time?", latest_post="i8", metric="word", due_at="time?", folded="bool",
)  # fmt: skip


def change_cases(connection: Connection[Any], cases: Sequence[OpenCase]) -> None:
    """Writes the changed state of stored cases, in order of id."""
    if not cases:
        return
    ordered = sorted(cases, key=lambda case: case.id)
    connection.execute(
        """
        UPDATE cases c SET state = n.state, priority = least(c.priority, n.priority), posts = n.posts,
            last_in_at = n.last_in, last_out_at = nullif(n.last_out, 'epoch'), latest_post = n.latest,
            metric = n.metric, due_at = nullif(n.due, 'epoch'), version = c.version + 1,
            snoozed_until = CASE WHEN n.state = 'snoozed' THEN c.snoozed_until END
        FROM unnest(%s::bigint[], %s::text[], %s::integer[], %s::integer[], %s::timestamptz[], %s::timestamptz[],
            %s::bigint[], %s::text[], %s::timestamptz[])
            AS n(id, state, priority, posts, last_in, last_out, latest, metric, due)
        WHERE c.id = n.id
        """,
        [
            bigints([c.id for c in ordered]), texts([c.state for c in ordered]),
            integers([c.priority for c in ordered]), integers([c.posts for c in ordered]),
            moments([c.last_in for c in ordered]), moments([c.last_out for c in ordered]),
            bigints([c.latest_post for c in ordered]), texts([c.metric for c in ordered]),
            moments([c.due for c in ordered]),
        ],
    )  # fmt: skip


class ClockAct(Struct, frozen=True, gc=False):
    """What people did to the clocks of a case. ``detail`` is what a kind says beside its cause."""

    case: int
    at: Instant
    kind: str
    cause: str
    actor: str
    detail: dict[str, Any] | None = None


def clock_events(connection: Connection[Any], cases: Sequence[int]) -> dict[int, list[ClockAct]]:
    """What people did to the clocks of these cases, in order."""
    found: dict[int, list[ClockAct]] = {}
    rows = reader(connection).execute(
        "SELECT case_id, at, kind, cause, actor, detail FROM clock_event WHERE case_id = ANY(%s) AND NOT undone"
        " ORDER BY at, id",
        [bigints(cases)],
    )
    for row in rows:
        act = ClockAct(*row)
        found.setdefault(act.case, []).append(act)
    return found
