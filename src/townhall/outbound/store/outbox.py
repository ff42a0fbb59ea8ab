"""The outbox: deliveries on their way, claimed by lease and moved only along ``logic.journey``."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.errors import UniqueViolation

from townhall.channels.port import Receipt
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import Conflict
from townhall.outbound.logic.journey import Next
from townhall.outbound.store.gate import LATE, MAY_GO

_COLUMNS = (
    "id, brand_id, release_id, account_id, channel, thread_id, decision, idempotency_key, digest, state, not_before,"
    " go_by, attempts, looks, first_attempt_at, error, native_id, url, sent_at"
)
_QUALIFIED = ", ".join("d." + name.strip() for name in _COLUMNS.split(","))


class Delivery(Struct, frozen=True):
    """One release on its way. ``decision`` is what an adapter wants to see. Times in microseconds UTC."""

    id: int
    brand_id: int
    release_id: int
    account_id: int
    channel: str
    thread_id: int
    decision: str
    idempotency_key: str
    digest: bytes
    state: str
    not_before: Instant
    go_by: Instant
    attempts: int
    looks: int
    first_attempt_at: Instant | None
    error: str
    native_id: str
    url: str
    sent_at: Instant | None


def add(
    conn: Connection[Any],
    brand_id: int,
    release_id: int,
    decision: str,
    key: str,
    digest: bytes,
    not_before: Instant,
    go_by: Instant,
    now: Instant,
) -> int:
    """A delivery that waits. Raises ``Conflict`` when the same words already go to the same place."""
    try:
        with conn.transaction():
            row = conn.execute(
                """
                INSERT INTO delivery (brand_id, release_id, account_id, channel, thread_id, decision, idempotency_key,
                    digest, state, not_before, go_by, changed_at)
                SELECT %s, id, account_id, channel, thread_id, %s, %s, %s, 'waiting', %s, %s, %s
                FROM release WHERE id = %s RETURNING id
                """,
                [
                    brand_id, decision, key, digest, to_datetime(not_before), to_datetime(go_by), to_datetime(now),
                    release_id,
                ],
            ).fetchone()  # fmt: skip
    except UniqueViolation as twice:
        raise Conflict("Exactly these words went out here already, or are on their way.") from twice
    assert row
    return int(row[0])


def said_already(conn: Connection[Any], digest: bytes, except_release: int = 0) -> bool:
    """Whether these very words went, or are about to go, to this very place."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM delivery WHERE digest = %s AND state NOT IN ('failed', 'undone')"
        " AND release_id <> %s)",
        [digest, except_release],
    ).fetchone()
    return bool(row and row[0])


def live_of(conn: Connection[Any], release_id: int, *, lock: bool = False) -> Delivery | None:
    """The delivery of a release that is not undone (the newest)."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM delivery WHERE release_id = %s AND state <> 'undone'"
            f" ORDER BY id DESC LIMIT 1 {'FOR UPDATE' if lock else ''}",
            [release_id],
        )
        .fetchone()
    )
    return _delivery(row) if row else None


def get(conn: Connection[Any], delivery_id: int, *, lock: bool = False) -> Delivery | None:
    """One delivery; with ``lock`` it stands still until this transaction ends."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM delivery WHERE id = %s {'FOR UPDATE' if lock else ''}",
            [delivery_id],
        )
        .fetchone()
    )
    return _delivery(row) if row else None


def put_aside_overdue(conn: Connection[Any], now: Instant, most: int = 200) -> list[Delivery]:
    """Deliveries whose time passed, or that were due under a stop, no longer go by themselves. Gives those moved."""
    rows = reader(conn).execute(
        f"""
        WITH late AS (
            SELECT d.id FROM delivery d WHERE {LATE}
            ORDER BY d.id LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE delivery d SET state = 'overdue', changed_at = %(now)s FROM late WHERE late.id = d.id RETURNING {_QUALIFIED}
        """,
        {"now": to_datetime(now), "most": most},
    )
    return [_delivery(row) for row in rows]


def claim_tries(
    conn: Connection[Any], now: Instant, accounts: Sequence[int], lease: UUID, until: Instant, most: int
) -> list[Delivery]:
    """Marks due deliveries as attempting and gives them, each thread's in its order. The gate must be passed first.

    ``accounts`` are those that may send now. Left out: stopped deliveries, and accounts that were asked to pause.
    """
    rows = reader(conn).execute(
        f"""
        WITH due AS (
            SELECT d.id FROM delivery d WHERE {MAY_GO}
                AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.thread_id = d.thread_id AND e.id < d.id
                    AND e.state IN ('waiting', 'attempting', 'unclear'))
            ORDER BY d.not_before, d.id LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE delivery d SET state = 'attempting', attempts = d.attempts + 1, looks = 0, lease = %(lease)s,
            lease_until = %(until)s, first_attempt_at = coalesce(d.first_attempt_at, %(now)s), error = '',
            changed_at = %(now)s
        FROM due WHERE due.id = d.id RETURNING {_QUALIFIED}
        """,
        {
            "now": to_datetime(now),
            "lease": lease,
            "until": to_datetime(until),
            "most": most,
            "accounts": list(accounts),
        },
    )
    return sorted((_delivery(row) for row in rows), key=lambda d: d.id)


def claim_looks(
    conn: Connection[Any], now: Instant, lease: UUID, until: Instant, settle: Instant, most: int
) -> list[Delivery]:
    """Gives unclear deliveries whose look is due. A try whose worker died becomes unclear first, and rests."""
    conn.execute(
        """
        WITH dead AS (
            SELECT id FROM delivery WHERE state = 'attempting' AND lease_until <= %(now)s FOR UPDATE SKIP LOCKED
        )
        UPDATE delivery d SET state = 'unclear', not_before = %(rest)s, lease = NULL, lease_until = NULL,
            error = 'the process that sent it ended before the answer came', changed_at = %(now)s
        FROM dead WHERE dead.id = d.id
        """,
        {"now": to_datetime(now), "rest": to_datetime(now + settle)},
    )
    rows = reader(conn).execute(
        f"""
        WITH due AS (
            SELECT id FROM delivery WHERE state = 'unclear' AND not_before <= %(now)s
                AND (lease_until IS NULL OR lease_until <= %(now)s)
            ORDER BY not_before, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
        )
        UPDATE delivery d SET lease = %(lease)s, lease_until = %(until)s, looks = d.looks + 1, changed_at = %(now)s
        FROM due WHERE due.id = d.id RETURNING {_QUALIFIED}
        """,
        {"now": to_datetime(now), "lease": lease, "until": to_datetime(until), "most": most},
    )
    return [_delivery(row) for row in rows]


def settle(
    conn: Connection[Any], delivery_id: int, lease: UUID, then: Next, error: str, now: Instant
) -> bool:
    """Writes where a claimed delivery stands after a try or a look; ``False`` when the lease was lost."""
    done = conn.execute(
        "UPDATE delivery SET state = %s, not_before = %s, error = %s, lease = NULL, lease_until = NULL, changed_at = %s"
        " WHERE id = %s AND lease = %s AND state IN ('attempting', 'unclear')",
        [then.state, to_datetime(then.at), error[:500], to_datetime(now), delivery_id, lease],
    )
    return done.rowcount == 1


def settle_sent(
    conn: Connection[Any], delivery_id: int, receipt: Receipt, by: str, now: Instant, *, handed_back: bool
) -> bool:
    """A receipt counts whoever holds the lease: the post is there. ``False`` when it was known already."""
    done = conn.execute(
        "UPDATE delivery SET state = 'sent', native_id = %s, url = %s, sent_at = %s, error = '', lease = NULL,"
        " lease_until = NULL, cost_micro_usd = cost_micro_usd + %s, handed_back = %s, settled_by = %s, changed_at = %s"
        " WHERE id = %s AND state <> 'sent'",
        [
            receipt.native_id, receipt.url, to_datetime(receipt.at or now), receipt.cost_micro_usd, handed_back, by,
            to_datetime(now), delivery_id,
        ],
    )  # fmt: skip
    return done.rowcount == 1


def move(
    conn: Connection[Any],
    delivery_id: int,
    from_states: Sequence[str],
    to: str,
    by: str,
    now: Instant,
    *,
    not_before: Instant | None = None,
    go_by: Instant | None = None,
) -> bool:
    """A person moves a delivery; ``False`` when it had moved on by itself."""
    done = conn.execute(
        "UPDATE delivery SET state = %s, settled_by = %s, changed_at = %s, not_before = coalesce(%s, not_before),"
        " go_by = coalesce(%s, go_by), lease = NULL, lease_until = NULL WHERE id = %s AND state = ANY(%s)",
        [
            to, by, to_datetime(now), None if not_before is None else to_datetime(not_before),
            None if go_by is None else to_datetime(go_by), delivery_id, list(from_states),
        ],
    )  # fmt: skip
    return done.rowcount == 1


def native_ids(conn: Connection[Any], account_id: int, since: Instant) -> frozenset[str]:
    """Posts of the account that other deliveries are known to have made since then."""
    rows = conn.execute(
        "SELECT native_id FROM delivery WHERE account_id = %s AND native_id <> '' AND changed_at >= %s",
        [account_id, to_datetime(since)],
    )
    return frozenset(row[0] for row in rows)


def to_hand_back(conn: Connection[Any], most: int = 50) -> list[Delivery]:
    """Sent deliveries that intake has not been told of, locked for this transaction."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM delivery WHERE state = 'sent' AND NOT handed_back ORDER BY id LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        [most],
    )
    return [_delivery(row) for row in rows]


def mark_handed_back(conn: Connection[Any], delivery_id: int) -> None:
    """Intake has it."""
    conn.execute("UPDATE delivery SET handed_back = true WHERE id = %s", [delivery_id])


def note_seen(conn: Connection[Any], posts: Sequence[tuple[int, str]], now: Instant) -> None:
    """The channel's own reading showed these posts of ours, each (account, the network's id): they stand there."""
    conn.execute(
        "UPDATE delivery d SET seen_at = %s FROM unnest(%s::integer[], %s::text[]) AS p (account, native)"
        " WHERE d.account_id = p.account AND d.native_id = p.native AND d.native_id <> '' AND d.seen_at IS NULL",
        [to_datetime(now), [account for account, _ in posts], [native for _, native in posts]],
    )


def ask_to_pause(conn: Connection[Any], brand_id: int, account_id: int, until: Instant, cause: str) -> None:
    """The network asked this account to wait; nothing of it is tried before."""
    conn.execute(
        "INSERT INTO account_pace AS p (account_id, brand_id, resume_at, cause) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (account_id) DO UPDATE SET resume_at = greatest(p.resume_at, excluded.resume_at), cause = excluded.cause",
        [account_id, brand_id, to_datetime(until), cause[:200]],
    )


def _delivery(row: tuple[Any, ...]) -> Delivery:
    values = (*row[:8], bytes(row[8]), *row[9:])
    return Delivery(*values)
