"""Replies of ours on their way, held or done: as a list and one by one, with hold, approval and newest delivery."""

from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.kernel.finding import Finding
from townhall.outbound.logic.words import Picture
from townhall.outbound.store.pictures import read as pictures

_REPLY = """
SELECT r.id, r.case_id, r.thread_id, r.account_id, r.channel, r.kind, r.state, coalesce(d.state, ''), r.text, r.version,
    encode(r.digest, 'hex'), r.author, r.author_id, r.made_at, r.reply_to, r.findings::text,
    coalesce(h.why, ''), coalesce(h.approvers, '{}'), coalesce(h.expires_at, 'epoch'), coalesce(h.outcome, ''),
    coalesce(h.ended_by, ''), coalesce(h.remark, ''), coalesce(d.not_before, 'epoch'), coalesce(d.attempts, 0),
    coalesce(d.sent_at, 'epoch'), coalesce(d.native_id, ''), coalesce(d.url, ''), coalesce(d.error, ''),
    r.asked, r.asked_why, r.editor, r.pictures::text
FROM release r LEFT JOIN hold h ON h.release_id = r.id
LEFT JOIN LATERAL (SELECT * FROM delivery d WHERE d.release_id = r.id ORDER BY d.id DESC LIMIT 1) d ON true
"""
_findings = msgspec.json.Decoder(list[Finding])


class ReplyView(Struct, frozen=True):
    """A release. ``digest`` (hex) is what an approval names; ``delivery`` the state of its newest delivery ("" before).

    ``why`` it is or was held, for which roles and until when; ``outcome`` how the hold ended, by whom, with what remark.
    ``asked``: its author wanted an approval, ``asked_why``; ``editor`` put words into it before ("": nobody). ``pictures`` go with
    it, and the digest covers them.
    """

    id: int
    case_id: int
    thread_id: int
    account_id: int
    channel: str
    kind: str
    state: str
    delivery: str
    text: str
    version: int
    digest: str
    author: str
    author_id: int
    made_at: Instant
    reply_to: int
    findings: list[Finding]
    why: str
    approvers: list[str]
    expires_at: Instant
    outcome: str
    ended_by: str
    remark: str
    not_before: Instant
    attempts: int
    sent_at: Instant
    native_id: str
    url: str
    error: str
    asked: bool
    asked_why: str
    editor: str
    pictures: tuple[Picture, ...]


def replies(
    conn: Connection[Any], brand: int, after: int, limit: int, *, state: str = "", case_id: int = 0
) -> tuple[list[ReplyView], int]:
    """A page, newest first, and the id to go on after (0 at the end). One query."""
    rows = (
        reader(conn)
        .execute(
            f"{_REPLY} WHERE r.brand_id = %(brand)s AND (%(after)s = 0 OR r.id < %(after)s)"
            " AND (%(state)s = '' OR r.state = %(state)s) AND (%(case)s = 0 OR r.case_id = %(case)s)"
            " ORDER BY r.id DESC LIMIT %(limit)s",
            {"brand": brand, "after": after, "state": state, "case": case_id, "limit": limit + 1},
        )
        .fetchall()
    )
    shown = [_view(row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else 0


def reply(conn: Connection[Any], brand: int, release_id: int) -> ReplyView:
    """One of them. Raises ``NotFound``."""
    row = (
        reader(conn).execute(f"{_REPLY} WHERE r.id = %s AND r.brand_id = %s", [release_id, brand]).fetchone()
    )
    if row is None:
        raise NotFound("That reply does not exist.")
    return _view(row)


def _view(row: tuple[Any, ...]) -> ReplyView:
    values = dict(zip(ReplyView.__struct_fields__, row, strict=True))
    return ReplyView(**{**values, "findings": _findings.decode(row[15]), "pictures": pictures(row[31])})
