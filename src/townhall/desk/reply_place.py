"""Where a reply would go: the case, its thread and account, the post it answers, and what is new there. Read-only."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.kernel.clock import Instant, to_datetime

PLACE_COLUMNS = """c.id, c.brand_id, b.state, c.version, c.thread_id, t.account_id, t.conversation, t.visibility,
    c.account_id, a.channel, a.handle, a.sending, coalesce(h.max_length, 0), c.latest_post,
    p.id, p.native_id, p.visibility, p.deleted_at IS NOT NULL, coalesce(i.handle, ''), coalesce(i.native_id, ''),
    a.native_id, a.base_url, coalesce(i.name, ''), c.language, b.name,
    coalesce(h.max_pictures, 0), coalesce(h.picture_bytes, 0), coalesce(h.alt_length, 0)"""
"""What ``Place`` is made of."""
PLACE_TABLES = """FROM cases c
JOIN brand b ON b.id = c.brand_id
JOIN thread t ON t.id = c.thread_id
JOIN account a ON a.id = c.account_id
LEFT JOIN account_health h ON h.account_id = a.id
JOIN interaction p ON p.id = coalesce(nullif(%(reply_to)s::bigint, 0), c.latest_post) AND p.brand_id = c.brand_id
    AND (p.thread_id = c.thread_id OR p.thread_id IN (SELECT id FROM thread WHERE joined_into = c.thread_id))
LEFT JOIN identity i ON i.id = CASE WHEN p.direction = 'in' THEN p.author_id ELSE c.customer_id END"""
_PLACE = f"""
SELECT {PLACE_COLUMNS} {PLACE_TABLES}
WHERE c.id = %(case)s AND c.brand_id = %(brand)s
"""

_NEWER = f"""
SELECT p.id, coalesce(nullif(i.name, ''), i.handle, ''), {snippets.said("p.")},
    greatest(p.received_at, p.edited_at, p.deleted_at),
    CASE WHEN p.id > %(seen)s THEN 'arrived' WHEN p.deleted_at > %(since)s THEN 'deleted' ELSE 'edited' END
FROM interaction p LEFT JOIN identity i ON i.id = p.author_id
WHERE p.thread_id = %(thread)s AND p.direction = 'in'
    AND (p.id > %(seen)s OR p.edited_at > %(since)s OR p.deleted_at > %(since)s)
ORDER BY p.id LIMIT 20
"""

_STRANGERS = """
SELECT DISTINCT lower(i.handle) FROM identity i
WHERE i.brand_id = %(brand)s AND lower(i.handle) = ANY(%(handles)s) AND NOT i.own AND i.kind = 'Person'
    AND NOT EXISTS (SELECT 1 FROM interaction p WHERE p.thread_id = %(thread)s AND p.author_id = i.id)
"""

_WANTED = """
SELECT DISTINCT p.rule, v.approvals->p.rule FROM cases c
JOIN interaction p ON p.thread_id = c.thread_id AND p.author_id = c.customer_id AND p.direction = 'in'
JOIN policy_version v ON v.id = p.policy_id AND v.approvals ? p.rule
WHERE c.id = %s AND c.brand_id = %s AND p.published_at >= c.opened_at ORDER BY p.rule
"""
"""The customer's posts since the case was opened; ``opened_at`` is the published time of the first of them."""

_SENDING = """
SELECT a.id FROM account a JOIN brand b ON b.id = a.brand_id
WHERE a.sending AND b.state = 'live' ORDER BY a.id
"""

_ASKED = "SELECT text, language FROM interaction WHERE id = %s AND brand_id = %s AND direction = 'in' AND deleted_at IS NULL"

FAR = 1 << 52
"""An instant beyond every other (the year 2112)."""


class Place(Struct, frozen=True):
    """``post_*`` is what would be answered, ``to_*`` the person who is addressed ("" when not known).

    ``max_length`` is what the instance itself stated (0: it did not), as are ``max_pictures`` and what follows; ``thread_account``
    is the account the thread is with, ``account_id`` the one that speaks for the case; ``account_*`` are its id on the network
    and its server.
    """

    case_id: int
    brand_id: int
    brand_state: str
    version: int
    thread_id: int
    thread_account: int
    conversation: str
    thread_visibility: str
    account_id: int
    channel: str
    account_handle: str
    sending: bool
    max_length: int
    latest_post: int
    post_id: int
    post_native: str
    post_visibility: str
    post_deleted: bool
    to_handle: str
    to_native: str
    account_native: str
    account_server: str
    to_name: str
    language: str
    brand_name: str
    max_pictures: int = 0
    picture_bytes: int = 0
    alt_length: int = 0


class NewerPost(Struct, frozen=True):
    """A post that came, was edited or was deleted since; ``change`` says which. The words of a deleted one are left out."""

    id: int
    author: str
    text: str
    at: Instant
    change: str


def place(conn: Connection[Any], brand_id: int, case_id: int, reply_to: int = 0) -> Place | None:
    """The place of a reply to ``reply_to`` (0: the newest post of the case); ``None`` when there is no such."""
    row = reader(conn).execute(_PLACE, {"brand": brand_id, "case": case_id, "reply_to": reply_to}).fetchone()
    if row is None:
        return None
    return Place(*row)


def newer(conn: Connection[Any], thread_id: int, seen_post: int, seen_at: Instant = 0) -> list[NewerPost]:
    """Customers' posts after ``seen_post``, and edits and deletions after ``seen_at`` (0: those do not count)."""
    facts = {"thread": thread_id, "seen": seen_post, "since": to_datetime(seen_at or FAR)}
    return [NewerPost(*row) for row in reader(conn).execute(_NEWER, facts)]


def strangers(conn: Connection[Any], brand_id: int, thread_id: int, handles: list[str]) -> frozenset[str]:
    """Which of these handles (lower case) are customers of the brand who said nothing in the thread."""
    if not handles:
        return frozenset()
    rows = conn.execute(_STRANGERS, {"brand": brand_id, "thread": thread_id, "handles": handles})
    return frozenset(row[0] for row in rows)


def asked(conn: Connection[Any], place: Place) -> tuple[str, str]:
    """What the answered post says and in which language; nothing of one of our own or of one that is gone."""
    row = conn.execute(_ASKED, [place.post_id, place.brand_id]).fetchone()
    return (row[0], row[1]) if row else ("", "")


def sending_accounts(conn: Connection[Any]) -> list[int]:
    """Accounts that may send now: switched on, of brands that do not only observe."""
    return [row[0] for row in conn.execute(_SENDING)]


def wanted_approvals(conn: Connection[Any], place: Place) -> list[tuple[str, list[list[str]]]]:
    """What the policy wants approved in a case: (rule, steps of roles), by the versions that judged the customer's posts."""
    return conn.execute(_WANTED, [place.case_id, place.brand_id]).fetchall()
