"""What routing decides on: what waits, who is there, what everybody holds. A fixed number of queries for a brand."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.routing import assignments, settings, staffing
from townhall.routing.logic import Agent, Choice, Held, Queue, Rules, Waiting, hand_out
from townhall.routing.logic.taking_back import NOT_ASKED_AGAIN

MOST = 1_000
"""Cases looked at in one go: those that are due first. The rest wait for the next."""
MOST_HELD = 500


class Gathered(Struct, frozen=True):
    """Everything one pass decides on."""

    queues: tuple[Queue, ...]
    rules: Rules
    agents: tuple[Agent, ...]
    waiting: tuple[Waiting, ...]
    now: Instant

    def choices(self, *, explain: bool = True) -> list[Choice]:
        """What would be given to whom, now."""
        return hand_out(self.waiting, self.agents, self.queues, self.rules, self.now, explain=explain)

    def can_give(self) -> bool:
        """Whether anybody on duty has any room: without one there is nothing to decide."""
        return any(a.on_duty(self.now) and a.load < a.capacity for a in self.agents)


def staffed(conn: Connection[Any], brand: int, now: Instant) -> Gathered:
    """Queues, rules and people with their loads; nothing that waits yet."""
    rules = settings.rules(conn, brand)
    there = staffing.agents(conn, brand, loads(conn, brand, rules), now)
    return Gathered(tuple(settings.queues(conn, brand)), rules, tuple(there), (), now)


def gather(conn: Connection[Any], brand: int, now: Instant) -> Gathered:
    """As ``staffed``, with what waits in every queue of the brand."""
    base = staffed(conn, brand, now)
    return with_waiting(conn, brand, base, [queue.slug for queue in base.queues])


def with_waiting(conn: Connection[Any], brand: int, base: Gathered, slugs: Sequence[str]) -> Gathered:
    """The same with what waits in these queues."""
    left = assignments.left_untouched(conn, brand, base.now - NOT_ASKED_AGAIN)
    found = tuple(
        Waiting(*[*row, tuple((who, at + NOT_ASKED_AGAIN) for who, at in left.get(row[0], ()))])
        for row in _waiting(conn, brand, slugs)
    )
    return Gathered(base.queues, base.rules, base.agents, found, base.now)


_WAITING = """
WITH RECURSIVE waiting AS (
    SELECT c.* FROM cases c
    WHERE c.brand_id = %(brand)s AND c.state = 'open' AND c.paused_cause = '' AND c.assignee_id IS NULL
        AND c.queue = ANY(%(queues)s)
    ORDER BY (CASE WHEN c.due_at IS NULL THEN 'infinity'::timestamptz ELSE c.due_at END), c.id LIMIT %(most)s
), reach (customer, id) AS (
    SELECT customer_id, customer_id FROM waiting
    UNION
    SELECT r.customer, CASE WHEN l.a = r.id THEN l.b ELSE l.a END FROM reach r
    JOIN identity_link l ON l.undone_at IS NULL AND l.brand_id = %(brand)s AND (l.a = r.id OR l.b = r.id)
), person AS (
    SELECT customer, array_agg(id) AS ids FROM reach GROUP BY customer
)
SELECT c.id, c.queue, coalesce(c.due_at, 'epoch'),
    coalesce((SELECT min(m.started_at) FROM commitment m
        WHERE m.case_id = c.id AND coalesce(m.satisfied_at, m.cancelled_at) IS NULL), c.last_in_at),
    c.priority, c.language, c.reason, a.channel, t.visibility = 'direct', coalesce(k.tier, ''), coalesce(k.followers, 0),
    coalesce((SELECT i.likes + i.reposts FROM interaction i WHERE i.id = c.latest_post), 0),
    coalesce((SELECT r.author_id FROM cases p JOIN release r ON r.case_id = p.id
        WHERE p.customer_id = ANY(w.ids) AND r.state = 'released' ORDER BY r.id DESC LIMIT 1), 0)
FROM waiting c JOIN account a ON a.id = c.account_id JOIN thread t ON t.id = c.thread_id
JOIN person w ON w.customer = c.customer_id
LEFT JOIN customer_tier k ON k.brand_id = c.brand_id AND k.identity_id = c.customer_id
ORDER BY (CASE WHEN c.due_at IS NULL THEN 'infinity'::timestamptz ELSE c.due_at END), c.id
"""
"""``person`` are all identities known to belong to a customer, by links that stand: whoever answered one of them last
answered this person."""


def _waiting(conn: Connection[Any], brand: int, slugs: Sequence[str]) -> list[tuple[Any, ...]]:
    return reader(conn).execute(_WAITING, {"brand": brand, "queues": list(slugs), "most": MOST}).fetchall()


def loads(conn: Connection[Any], brand: int, rules: Rules) -> dict[int, int]:
    """How much of their room everybody's open cases take, in units of weight."""
    rows = conn.execute(
        """
        SELECT c.assignee_id, a.channel, t.visibility = 'direct', count(*)
        FROM cases c JOIN account a ON a.id = c.account_id JOIN thread t ON t.id = c.thread_id
        WHERE c.brand_id = %s AND c.assignee_id IS NOT NULL AND c.state = 'open' GROUP BY 1, 2, 3
        """,
        [brand],
    )
    found: defaultdict[int, int] = defaultdict(int)
    for staff, channel, private, count in rows:
        found[staff] += rules.weight(channel, private) * count
    return dict(found)


def brand_of(conn: Connection[Any], case: int) -> int:
    """The brand of a case, 0 when there is no such case."""
    row = conn.execute("SELECT brand_id FROM cases WHERE id = %s", [case]).fetchone()
    return int(row[0]) if row else 0


_HELD = """
SELECT c.id, c.assignee_id, c.queue,
    coalesce((SELECT max(h.made_at) FROM case_change h
        WHERE h.case_id = c.id AND h.after -> 'cases' -> c.id::text ? 'assignee'), c.opened_at),
    coalesce(greatest(
        (SELECT max(h.made_at) FROM case_change h WHERE h.case_id = c.id AND h.actor = 'staff/' || c.assignee_id),
        (SELECT max(d.saved_at) FROM draft d WHERE d.case_id = c.id AND d.staff_id = c.assignee_id),
        (SELECT max(r.made_at) FROM release r WHERE r.case_id = c.id AND r.author_id = c.assignee_id),
        (SELECT v.seen_at FROM case_viewing v WHERE v.case_id = c.id AND v.staff_id = c.assignee_id)), 'epoch'),
    c.last_in_at
FROM cases c
WHERE c.brand_id = %(brand)s AND c.state = 'open' AND c.assignee_id IS NOT NULL AND c.due_at IS NOT NULL
    AND c.paused_cause = '' AND (c.assignee_id = ANY(%(gone)s) OR (c.queue = ANY(%(silent)s) AND c.last_in_at < %(before)s))
    AND NOT EXISTS (SELECT 1 FROM release r WHERE r.case_id = c.id AND r.state = 'held')
ORDER BY c.id LIMIT %(most)s
"""


def held(conn: Connection[Any], brand: int, there: Gathered) -> list[Held]:
    """Held cases that may go back: of people who are not here, and in queues that take silent ones back.

    A reply that waits for approval is no silence.
    """
    silent = {queue.slug: queue.silence_after for queue in there.queues if queue.silence_after}
    gone = [a.id for a in there.agents if not a.present or not a.is_here(there.now)]
    if not silent and not gone:
        return []
    before = there.now - min(silent.values(), default=0)
    asked = {
        "brand": brand, "gone": gone, "silent": list(silent), "before": to_datetime(before), "most": MOST_HELD,
    }  # fmt: skip
    return [Held(*row) for row in reader(conn).execute(_HELD, asked)]
