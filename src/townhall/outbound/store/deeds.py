"""Deeds on their way, claimed by lease under the same gate and the same stops as what is sent."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, json
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.outbound.logic.deed import Next, Terms, digest_of, opposite
from townhall.outbound.logic.steps import Steps
from townhall.outbound.store.gate import LATE, MAY_GO

LIVE = ("held", "waiting", "attempting", "doubtful", "overdue", "done")
"""States in which a post has this deed already."""
_COLUMNS = (
    "id, brand_id, account_id, channel, thread_id, post_id, kind, post, author, comment, category, rule, policy_id,"
    " reason, wanted_by, staff_id, made_at, steps, approvers, digest, salt, decision, state, not_before, go_by,"
    " attempts, error, native_id, done_at, settled_by"
)
_QUALIFIED = ", ".join("d." + name.strip() for name in _COLUMNS.split(","))
_NEW = [*[name.strip() for name in _COLUMNS.split(",")][1:25], "error"]
"""What a new deed brings; the rest grows on its way."""


class Deed(Struct, frozen=True, kw_only=True):
    """One deed. ``post`` and ``author`` are the network's ids; ``rule`` decided it, or ``staff_id`` did (0: the rule).

    ``steps`` are the approvals it needs, ``approvers`` the roles that may give the next. ``error`` says why it was left
    or failed. Times in microseconds UTC.
    """

    id: int = 0
    brand_id: int
    account_id: int
    channel: str
    thread_id: int
    post_id: int
    kind: str
    post: str
    author: str
    comment: str = ""
    category: str = ""
    rule: str = ""
    policy_id: int = 0
    reason: str
    wanted_by: str
    staff_id: int = 0
    made_at: Instant
    steps: Steps = ()
    approvers: frozenset[str] = frozenset()
    digest: bytes
    salt: bytes
    decision: str
    state: str
    not_before: Instant
    go_by: Instant
    attempts: int = 0
    error: str = ""
    native_id: str = ""
    done_at: Instant | None = None
    settled_by: str = ""

    @property
    def terms(self) -> Terms:
        """What the digest is taken over."""
        return Terms(
            brand_id=self.brand_id, account_id=self.account_id, kind=self.kind, post=self.post, author=self.author,
            comment=self.comment, category=self.category,
        )  # fmt: skip

    def is_as_decided(self) -> bool:
        """Whether what is stored is what was decided."""
        return digest_of(self.terms) == self.digest


class Approval(Struct, frozen=True):
    """Somebody's yes to exactly what has this digest."""

    staff_id: int
    approver: str
    roles: frozenset[str]
    digest: bytes
    approved_at: Instant


def add(conn: Connection[Any], fresh: Sequence[Deed]) -> list[int]:
    """Keeps deeds; gives the id of each, 0 where the post has such a deed already."""
    names, marks = ", ".join(_NEW), ", ".join(f"%({name})s" for name in _NEW)
    statement = f"INSERT INTO deed ({names}, changed_at) VALUES ({marks}, %(made_at)s) ON CONFLICT DO NOTHING RETURNING id"
    found = []
    with conn.cursor() as cursor:
        cursor.executemany(statement, [_values(deed) for deed in fresh], returning=True)
        for _ in fresh:
            row = cursor.fetchone()
            found.append(int(row[0]) if row else 0)
            cursor.nextset()
    return found


def _values(deed: Deed) -> dict[str, Any]:
    values = {name: getattr(deed, name) for name in _NEW}
    for name in ("made_at", "not_before", "go_by"):
        values[name] = to_datetime(values[name])
    values["steps"] = json.encode([sorted(step) for step in deed.steps]).decode()
    return values | {"approvers": sorted(deed.approvers)}


def get(conn: Connection[Any], deed_id: int, *, lock: bool = False) -> Deed | None:
    """One deed; with ``lock`` it stands still until this transaction ends."""
    row = (
        reader(conn)
        .execute(f"SELECT {_COLUMNS} FROM deed WHERE id = %s {'FOR UPDATE' if lock else ''}", [deed_id])
        .fetchone()
    )
    return _deed(row) if row else None


def of_post(conn: Connection[Any], post_id: int, kind: str, states: Sequence[str]) -> list[Deed]:
    """The post's deeds of that kind in one of these states, newest first."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM deed WHERE post_id = %s AND kind = %s AND state = ANY(%s) ORDER BY id DESC",
        [post_id, kind, list(states)],
    )
    return [_deed(row) for row in rows]


def put_aside_overdue(conn: Connection[Any], now: Instant, most: int = 200) -> list[Deed]:
    """Deeds whose time passed, or that were due under a stop, are no longer done by themselves. Gives those moved."""
    rows = reader(conn).execute(
        f"""
        WITH late AS (
            SELECT d.id FROM deed d WHERE {LATE}
            ORDER BY d.id LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE deed d SET state = 'overdue', changed_at = %(now)s FROM late WHERE late.id = d.id RETURNING {_QUALIFIED}
        """,
        {"now": to_datetime(now), "most": most},
    )
    return [_deed(row) for row in rows]


def abandoned(conn: Connection[Any], now: Instant, most: int = 200) -> list[Deed]:
    """Deeds whose process ended before the answer came, locked for this transaction."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM deed WHERE state = 'attempting' AND lease_until <= %s ORDER BY id LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        [to_datetime(now), most],
    )
    return [_deed(row) for row in rows]


def claim(
    conn: Connection[Any], now: Instant, accounts: Sequence[int], lease: UUID, until: Instant, most: int
) -> list[Deed]:
    """Marks due deeds as attempting and gives them, each post's in their order. The gate must be passed first."""
    rows = reader(conn).execute(
        f"""
        WITH due AS (
            SELECT d.id FROM deed d WHERE {MAY_GO}
                AND NOT EXISTS (SELECT 1 FROM deed e WHERE e.post_id = d.post_id AND e.id < d.id
                    AND e.state IN ('waiting', 'attempting'))
            ORDER BY d.not_before, d.id LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE deed d SET state = 'attempting', attempts = d.attempts + 1, lease = %(lease)s,
            lease_until = %(until)s, error = '', changed_at = %(now)s
        FROM due WHERE due.id = d.id RETURNING {_QUALIFIED}
        """,
        {
            "now": to_datetime(now), "accounts": list(accounts), "lease": lease, "until": to_datetime(until), "most": most,
        },
    )  # fmt: skip
    return sorted((_deed(row) for row in rows), key=lambda deed: deed.id)


def settle(
    conn: Connection[Any], deed_id: int, lease: UUID | None, then: Next, error: str, now: Instant
) -> bool:
    """Where a deed stands after a call; ``False`` when the lease was lost (None: whoever holds it)."""
    done = conn.execute(
        "UPDATE deed SET state = %s, not_before = %s, error = %s, lease = NULL, lease_until = NULL, changed_at = %s"
        " WHERE id = %s AND (%s::uuid IS NULL OR lease = %s) AND state = 'attempting'",
        [then.state, to_datetime(then.at), error[:500], to_datetime(now), deed_id, lease, lease],
    )
    return done.rowcount == 1


def settle_done(
    conn: Connection[Any], deed: Deed, native_id: str, at: Instant, by: str, now: Instant
) -> bool:
    """It is done, and whatever it takes back is over. ``False`` when that was known."""
    done = conn.execute(
        "UPDATE deed SET state = 'done', native_id = %s, done_at = %s, error = '', lease = NULL, lease_until = NULL,"
        " settled_by = %s, changed_at = %s WHERE id = %s AND state NOT IN ('done', 'over')",
        [native_id, to_datetime(at), by, to_datetime(now), deed.id],
    )
    conn.execute(
        "UPDATE deed SET state = 'over', changed_at = %s WHERE post_id = %s AND account_id = %s AND kind = %s AND state = 'done'",
        [to_datetime(now), deed.post_id, deed.account_id, opposite(deed.kind)],
    )
    return done.rowcount == 1


def move(
    conn: Connection[Any], deed_id: int, from_states: Sequence[str], to: str, by: str, why: str, now: Instant,
    *, go_by: Instant = 0, not_before: Instant = 0,
) -> bool:  # fmt: skip
    """A person moves a deed; ``False`` when it had moved on by itself."""
    done = conn.execute(
        "UPDATE deed SET state = %s, settled_by = %s, error = %s, changed_at = %s, lease = NULL, lease_until = NULL,"
        " go_by = coalesce(%s, go_by), not_before = coalesce(%s, not_before) WHERE id = %s AND state = ANY(%s)",
        [
            to, by, why[:500], to_datetime(now), to_datetime(go_by) if go_by else None,
            to_datetime(not_before) if not_before else None, deed_id, list(from_states),
        ],
    )  # fmt: skip
    return done.rowcount == 1


def approve(
    conn: Connection[Any], deed: Deed, staff_id: int, approver: str, roles: frozenset[str], now: Instant
) -> None:
    """Keeps an approval of exactly this deed."""
    conn.execute(
        "INSERT INTO deed_approval (brand_id, deed_id, staff_id, approver, roles, digest, approved_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [deed.brand_id, deed.id, staff_id, approver, sorted(roles), deed.digest, to_datetime(now)],
    )


def still_waits(conn: Connection[Any], deed_id: int, approvers: frozenset[str]) -> None:
    """Somebody approved and others have to: ``approvers`` are the roles that may give the next approval."""
    conn.execute("UPDATE deed SET approvers = %s WHERE id = %s", [sorted(approvers), deed_id])


def approvals(conn: Connection[Any], deed_id: int) -> list[Approval]:
    """The approvals of a deed, in their order."""
    rows = reader(conn).execute(
        "SELECT staff_id, approver, roles, digest, approved_at FROM deed_approval WHERE deed_id = %s ORDER BY id",
        [deed_id],
    )
    return [Approval(row[0], row[1], frozenset(row[2]), bytes(row[3]), row[4]) for row in rows]


def unapproved(conn: Connection[Any], since: Instant, most: int = 100) -> list[Deed]:
    """Held deeds that nobody decided about since they were made at or before ``since``, locked for this transaction."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM deed WHERE state = 'held' AND made_at <= %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
        [to_datetime(since), most],
    )
    return [_deed(row) for row in rows]


def _deed(row: tuple[Any, ...]) -> Deed:
    values = dict(zip(Deed.__struct_fields__, row, strict=True))
    values["steps"] = tuple(frozenset(step) for step in values["steps"])
    values["approvers"] = frozenset(values["approvers"])
    values["digest"], values["salt"] = bytes(values["digest"]), bytes(values["salt"])
    return Deed(**values)
