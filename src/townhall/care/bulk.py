"""SQL of threads and cases as the pipeline writes them: whole batches, sorted, set-based."""

from collections.abc import Mapping, Sequence
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

    ``first_due`` says that nobody has answered it yet; ``changed`` and ``fresh`` are the batch's own marks.
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


def thread_states(connection: Connection[Any], ids: Sequence[int]) -> dict[int, ThreadState]:
    """What is known of these threads."""
    rows = reader(connection).execute(
        "SELECT id, posts, last_in_at, last_out_at, joined_into FROM thread WHERE id = ANY(%s)",
        [bigints(ids)],
        binary=True,
    )
    return {row[0]: ThreadState(row[1], row[2] or 0, row[3] or 0, row[4] or 0) for row in rows}


def open_cases(connection: Connection[Any], threads: Sequence[int]) -> dict[tuple[int, int], OpenCase]:
    """The open cases of these threads by (thread, customer), without their promises."""
    rows = reader(connection).execute(
        """
        SELECT id, brand_id, account_id, thread_id, customer_id, state, queue, priority, posts, last_in_at,
            coalesce(last_out_at, 'epoch'), latest_post, coalesce(due_at, 'epoch')
        FROM cases WHERE thread_id = ANY(%s) AND state IN ('open', 'snoozed', 'waiting')
        """,
        [bigints(threads)],
        binary=True,
    )
    found: dict[tuple[int, int], OpenCase] = {}
    for *row, due in rows:
        case = found[row[3], row[4]] = OpenCase(*row)
        case.due = due
    return found


def add_threads(connection: Connection[Any], threads: Mapping[int, Sequence[Any]]) -> None:
    """Adds a batch's posts to its threads: id → (brand, account, conversation, visibility, first, last, posts,
    last in or 0, last out or 0). In order of id, so that workers never wait in a circle."""
    if not threads:
        return
    ids = sorted(threads)
    columns = list(zip(*(threads[id] for id in ids), strict=True))
    connection.execute(
        """
        INSERT INTO thread AS t
            (id, brand_id, account_id, conversation, visibility, first_at, last_at, posts, last_in_at, last_out_at)
        SELECT id, brand, account, conversation, visibility, first, last, posts,
            nullif(seen_in, 'epoch'), nullif(seen_out, 'epoch')
        FROM unnest(%s::bigint[], %s::integer[], %s::integer[], %s::text[], %s::text[], %s::timestamptz[],
            %s::timestamptz[], %s::integer[], %s::timestamptz[], %s::timestamptz[])
            AS n(id, brand, account, conversation, visibility, first, last, posts, seen_in, seen_out)
        ON CONFLICT (id) DO UPDATE SET
            first_at = least(t.first_at, excluded.first_at), last_at = greatest(t.last_at, excluded.last_at),
            posts = t.posts + excluded.posts, last_in_at = greatest(t.last_in_at, excluded.last_in_at),
            last_out_at = greatest(t.last_out_at, excluded.last_out_at)
        """,
        [
            bigints(ids), integers(columns[0]), integers(columns[1]), texts(columns[2]), texts(columns[3]),
            moments(columns[4]), moments(columns[5]), integers(columns[6]), moments(columns[7]),
            moments(columns[8]),
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
    last_out_at="time?", latest_post="i8", metric="word", due_at="time?",
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


def clock_events(
    connection: Connection[Any], cases: Sequence[int]
) -> dict[int, list[tuple[Instant, str, str, str]]]:
    """What people did to the clocks of these cases: pauses, closings, reopenings."""
    found: dict[int, list[tuple[Instant, str, str, str]]] = {}
    rows = reader(connection).execute(
        "SELECT case_id, at, kind, cause, actor FROM clock_event WHERE case_id = ANY(%s) AND NOT undone ORDER BY at, id",
        [bigints(cases)],
        binary=True,
    )
    for case, at, kind, cause, actor in rows:
        found.setdefault(case, []).append((at, kind, cause, actor))
    return found
