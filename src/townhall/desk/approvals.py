"""The approval queue: held replies by the promise that is left, and how long deciding takes today."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk.clocks import Running, clock_view, timetables
from townhall.desk.views.approvals import ASKED, ApprovalItem, ApprovalQueue, ReasonCount
from townhall.kernel.clock import DAY, Instant, to_datetime, to_iso
from townhall.kernel.digits import moment, whole
from townhall.kernel.errors import Refused
from townhall.kernel.finding import Finding
from townhall.outbound.store.pictures import read as pictures

PAGE = 25

_ITEMS = """
SELECT r.id, r.case_id, coalesce(p.name, ''), coalesce(p.handle, ''), coalesce(i.text, ''),
    coalesce(jsonb_array_length(i.media), 0), r.text, r.findings, r.earlier_text, a.handle, r.channel, r.visibility,
    r.author, r.author_id, h.why, h.held_at, h.expires_at, encode(r.digest, 'hex'), r.version,
    coalesce(m.due_at, 'epoch'), coalesce(m.metric, ''), coalesce(m.target, 0), coalesce(m.calendar, ''),
    coalesce(m.paused_at, 'epoch'), coalesce(m.cause, ''), nullif(coalesce(m.due_at, 'infinity'), 'infinity'),
    i.deleted_at IS NOT NULL, h.approvers,
    ARRAY(SELECT s.name FROM notice n JOIN staff s ON s.id = n.staff_id WHERE n.brand_id = r.brand_id
        AND n.kind = 'approval' AND n.subject = 'release/' || r.id AND n.acknowledged_at IS NULL ORDER BY n.id),
    ARRAY(SELECT p.approver FROM approval p WHERE p.release_id = r.id AND p.voided_at IS NULL ORDER BY p.id),
    jsonb_array_length(h.steps), %(staff)s IN (SELECT p.staff_id FROM approval p WHERE p.release_id = r.id AND p.voided_at IS NULL),
    r.asked_why, r.editor, r.editor_id, r.pictures::text
FROM release r
JOIN hold h ON h.release_id = r.id
JOIN account a ON a.id = r.account_id
LEFT JOIN interaction i ON i.id = r.reply_to
LEFT JOIN identity p ON p.id = i.author_id
LEFT JOIN LATERAL (
    SELECT * FROM commitment m WHERE m.case_id = r.case_id AND m.satisfied_at IS NULL AND m.cancelled_at IS NULL
    ORDER BY m.due_at LIMIT 1
) m ON true
WHERE r.brand_id = %(brand)s AND r.state = 'held' AND h.ended_at IS NULL
    AND (coalesce(m.due_at, 'infinity'), r.id) > (%(key)s::timestamptz, %(id)s)
    AND (%(reason)s = '' OR h.why = %(reason)s)
ORDER BY coalesce(m.due_at, 'infinity'), r.id LIMIT %(limit)s
"""
_REASONS = """
SELECT h.why, count(*), min(h.held_at) FROM release r JOIN hold h ON h.release_id = r.id
WHERE r.brand_id = %s AND r.state = 'held' AND h.ended_at IS NULL GROUP BY h.why ORDER BY count(*) DESC, h.why
"""
_MEDIAN = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM h.ended_at - h.held_at) * 1000000)
FROM hold h WHERE h.brand_id = %s AND h.ended_at >= %s AND h.outcome IN ('approved', 'returned')
"""


def approvals(
    conn: Connection[Any],
    brand: int,
    staff: int,
    now: Instant,
    *,
    cursor: str = "",
    reason: str = "",
    limit: int = PAGE,
) -> ApprovalQueue:
    """What is held, the least time left first. ``staff`` is who reads: their own items are marked. Five queries."""
    key, last = _parse(cursor)
    asked = {"brand": brand, "staff": staff, "key": key, "id": last, "limit": limit + 1, "reason": reason}
    rows = reader(conn).execute(_ITEMS, asked).fetchall()
    hours = timetables(conn, brand)
    median = reader(conn).execute(_MEDIAN, [brand, to_datetime(now - now % DAY)]).fetchone()
    reasons = reader(conn).execute(_REASONS, [brand]).fetchall()
    waved = _waved(conn, [row[1] for row in rows[:limit]])
    items = tuple(_with_reasons(_item(row, staff, now, hours), waved) for row in rows[:limit])
    return ApprovalQueue(
        items=items,
        reasons=tuple(ReasonCount(*row) for row in reasons),
        cursor=_cursor(rows[limit - 1]) if len(rows) > limit else "",
        median_wait=int(median[0]) if median and median[0] is not None else 0,
        as_of=now,
    )


def warns(conn: Connection[Any], brand: int, release: int) -> bool:
    """Whether the guard noticed something in the words of a held reply, as ``ApprovalItem.warns`` has it."""
    row = conn.execute(
        "SELECT findings FROM release WHERE id = %s AND brand_id = %s", [release, brand]
    ).fetchone()
    return any(one.kind != ASKED for one in msgspec.convert(row[0] if row else [], list[Finding]))


def _item(row: Sequence[Any], staff: int, now: Instant, hours: Any) -> ApprovalItem:
    running = Running(row[19], row[20], row[21], row[22], row[23] > 0, row[24], row[23], row[15])
    return ApprovalItem(
        release_id=row[0],
        case_id=row[1],
        clock=clock_view(running, now, hours),
        customer_name=row[2],
        customer_handle=row[3],
        customer_text="" if row[26] else row[4],
        customer_photos=0 if row[26] else row[5],
        text=row[6],
        findings=tuple(msgspec.convert(row[7], list[Finding])),
        diff_base=row[8],
        account_handle=row[9],
        channel=row[10],
        audience=row[11],
        author=row[12],
        author_id=row[13],
        reason=row[14],
        held_at=row[15],
        expires_at=row[16],
        digest=row[17],
        own=row[13] == staff,
        version=row[18],
        approvers=tuple(row[27]),
        asked=tuple(row[28]),
        given=tuple(row[29]),
        wanted=row[30],
        decided=row[31],
        asked_why=row[32],
        editor=row[33],
        editor_id=row[34],
        pictures=pictures(row[35]),
    )


Waved = dict[tuple[int, str, bytes], str]


def _waved(conn: Connection[Any], cases: Sequence[int]) -> Waved:
    rows = conn.execute(
        "SELECT case_id, kind, span, because FROM dismissal WHERE case_id = ANY(%s)", [list(cases)]
    )
    return {(case, kind, bytes(span)): because for case, kind, span, because in rows}


def _with_reasons(item: ApprovalItem, waved: Waved) -> ApprovalItem:
    said = [
        waved.get((item.case_id, one.kind, sha256(item.words(one).encode()).digest()))
        for one in item.findings
    ]
    return msgspec.structs.replace(item, waved=tuple(dict.fromkeys(one for one in said if one)))


def _cursor(row: Sequence[Any]) -> str:
    return f"{row[25] if row[25] is not None else 'inf'}.{row[0]}"


def _parse(cursor: str) -> tuple[str, int]:
    if not cursor:
        return "-infinity", 0
    key, _, rest = cursor.partition(".")
    id, at = whole(rest), moment(key)
    if id is None or (at is None and key != "inf"):
        raise Refused("That page does not exist. Start from the top of the queue.")
    return ("infinity" if at is None else to_iso(at)), id
