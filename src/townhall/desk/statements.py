"""Statements: what is known of the cases one may reach, how far it is, and what waits for an approval."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from townhall.channels import CHANNELS
from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.desk.reply_place import PLACE_COLUMNS, PLACE_TABLES, Place
from townhall.desk.views.statements import Progress, ReasonLine, StatementView
from townhall.kernel.clock import MINUTE, Instant, to_datetime
from townhall.outbound.logic.statement import REASONS, Standing, Statement
from townhall.policy.logic import SILENT

TYPED: Instant = 2 * MINUTE
"""Whoever wrote a key within this time is typing."""
_WIDTH = len(Place.__struct_fields__)

_STANDINGS = f"""
SELECT {PLACE_COLUMNS},
    coalesce(c.incident, 0), c.state, p.direction, coalesce(c.last_out_at >= c.last_in_at, false) OR said.answered,
    said.pending, EXISTS (SELECT FROM cases k JOIN statement_reply o ON o.case_id = k.id AND o.statement_id = w.statement
        WHERE k.customer_id = c.customer_id AND k.id <> c.id AND o.state = 'let_go'), p.effect, coalesce(greatest(p.edited_at, p.deleted_at), 'epoch'),
    coalesce((SELECT d.author FROM draft d WHERE d.case_id = c.id AND d.kind <> 'note' AND (d.text <> '' OR d.pictures <> '[]')
        ORDER BY d.saved_at DESC LIMIT 1), ''),
    coalesce((SELECT v.name FROM case_viewing v WHERE v.case_id = c.id AND v.typed_at > %(typed)s
        ORDER BY v.typed_at DESC LIMIT 1), ''), c.customer_id, w.statement
{PLACE_TABLES}
JOIN unnest(%(statements)s::bigint[], %(cases)s::bigint[]) AS w (statement, case_id) ON w.case_id = c.id
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(r.state = 'held' OR d.state IN ('waiting', 'attempting', 'unclear', 'doubtful', 'overdue')), false)
            AS pending,
        coalesce(bool_or(d.state = 'sent' AND d.sent_at >= c.last_in_at), false) AS answered
    FROM release r LEFT JOIN delivery d ON d.release_id = r.id WHERE r.case_id = c.id
) said
WHERE c.brand_id = %(brand)s ORDER BY c.id
"""

_WANTED = """
SELECT DISTINCT c.id, p.rule, v.approvals->p.rule FROM cases c
JOIN interaction p ON p.thread_id = c.thread_id AND p.author_id = c.customer_id AND p.direction = 'in'
JOIN policy_version v ON v.id = p.policy_id AND v.approvals ? p.rule
WHERE c.id = ANY(%s) AND c.brand_id = %s AND p.published_at >= c.opened_at ORDER BY c.id, p.rule
"""


class Known:
    """A case with the place of its answer, its customer, and when the post that would be answered was changed last (0: never)."""

    __slots__ = ("changed_at", "customer", "place", "standing")

    def __init__(self, row: Sequence[Any], incident: int) -> None:
        self.place = Place(*row[:_WIDTH])
        (
            gathered,
            state,
            direction,
            answered,
            pending,
            reached,
            effect,
            changed_at,
            draft,
            typing,
            customer,
        ) = row[_WIDTH:-1]
        place, channel = self.place, CHANNELS.get(row[9])
        self.changed_at, self.customer = changed_at, customer
        self.standing = Standing(
            case=place.case_id, gathered=gathered == incident and state != "merged",
            open=state in ("open", "snoozed", "waiting"), observe=place.brand_state != "live", sending=place.sending,
            stopped=False, replies=bool(channel and "reply" in channel.card.writes),
            private="direct" in (place.post_visibility, place.thread_visibility), deleted=place.post_deleted,
            incoming=direction == "in", answered=answered, pending=pending, reached=reached, draft=draft, typing=typing,
            silent=effect in SILENT, language=place.language, latest_post=place.latest_post, seen_post=0, changed=False,
            name=place.to_name, handle=place.to_handle,
        )  # fmt: skip


def known(
    conn: Connection[Any], brand: int, asked: Sequence[tuple[Statement, Sequence[int]]], now: Instant
) -> dict[int, list[Known]]:
    """Statement of the brand → what is known of its cases, in their order. One query, whatever is asked."""
    pairs = [(statement.id, case) for statement, cases in asked for case in cases]
    rows = reader(conn).execute(
        _STANDINGS,
        {
            "brand": brand, "statements": bigints([one for one, _ in pairs]), "cases": bigints([case for _, case in pairs]),
            "typed": to_datetime(now - TYPED), "reply_to": 0,
        },
    )  # fmt: skip
    incidents = {statement.id: statement.incident for statement, _ in asked}
    found: dict[int, list[Known]] = {one: [] for one in incidents}
    for row in rows:
        found[row[-1]].append(Known(row, incidents[row[-1]]))
    return found


def wanted(
    conn: Connection[Any], brand: int, cases: Sequence[int]
) -> dict[int, list[tuple[str, list[list[str]]]]]:
    """What the policy wants approved in these cases: case → (rule, steps of roles). One query."""
    found: dict[int, list[tuple[str, list[list[str]]]]] = {}
    for case, rule, steps in conn.execute(_WANTED, [bigints(cases), brand]):
        found.setdefault(case, []).append((rule, steps))
    return found


def gathered(conn: Connection[Any], brand: int, incident: int, most: int) -> list[int]:
    """The cases of an incident in order, merged ones left out."""
    rows = conn.execute(
        "SELECT id FROM cases WHERE brand_id = %s AND incident = %s AND state <> 'merged' ORDER BY id LIMIT %s",
        [brand, incident, most],
    )
    return [row[0] for row in rows]


def newcomers(conn: Connection[Any], statement: Statement, most: int) -> list[tuple[int, int, int]]:
    """Cases gathered under the incident that the statement does not know yet: (case, account, newest post)."""
    return conn.execute(
        "SELECT c.id, c.account_id, c.latest_post FROM cases c WHERE c.brand_id = %s AND c.incident = %s"
        " AND c.state <> 'merged' AND NOT EXISTS (SELECT 1 FROM statement_reply r WHERE r.statement_id = %s"
        " AND r.case_id = c.id) ORDER BY c.id LIMIT %s",
        [statement.brand_id, statement.incident, statement.id, most],
    ).fetchall()


_OF = """
SELECT s.id FROM statement s WHERE s.brand_id = %s AND s.incident = %s AND s.state <> 'withdrawn' ORDER BY s.id DESC LIMIT 1
"""


def newest(conn: Connection[Any], brand: int, incident: int) -> int:
    """The newest statement of an incident that was not withdrawn (0: none)."""
    row = conn.execute(_OF, [brand, incident]).fetchone()
    return int(row[0]) if row else 0


_PROGRESS = """
SELECT r.statement_id, count(*) FILTER (WHERE r.state = 'let_go' AND d.state = 'sent'),
    count(*) FILTER (WHERE r.state = 'let_go' AND d.state IN ('waiting', 'attempting', 'unclear')),
    count(*) FILTER (WHERE r.state = 'waiting'),
    count(*) FILTER (WHERE r.state = 'let_go' AND d.state IN ('failed', 'doubtful', 'overdue')),
    count(*) FILTER (WHERE r.state = 'let_go' AND d.state IS NULL),
    count(*) FILTER (WHERE r.state = 'left_out')
FROM statement_reply r LEFT JOIN LATERAL (
    SELECT state FROM delivery d WHERE d.release_id = r.release_id AND d.state <> 'undone' ORDER BY d.id DESC LIMIT 1
) d ON true
WHERE r.statement_id = ANY(%s) AND r.brand_id = %s GROUP BY r.statement_id
"""
_REASONS = """
SELECT statement_id, why, count(*), coalesce(min(nullif(detail, '')), '') FROM statement_reply
WHERE statement_id = ANY(%s) AND brand_id = %s AND state = 'left_out' GROUP BY statement_id, why ORDER BY count(*) DESC, why
"""


def view(conn: Connection[Any], statement: Statement, title: str) -> StatementView:
    """How far it is, and whom it left out. Two queries."""
    return views(conn, statement.brand_id, [statement], {statement.id: title})[0]


def views(
    conn: Connection[Any], brand: int, statements: Sequence[Statement], titles: Mapping[int, str]
) -> list[StatementView]:
    """The same for several of a brand, in their order, each with its title. Two queries."""
    about = [bigints([one.id for one in statements]), brand]
    far = {row[0]: Progress(*row[1:]) for row in conn.execute(_PROGRESS, about)}
    reasons: dict[int, list[ReasonLine]] = {one.id: [] for one in statements}
    for statement, why, cases, detail in conn.execute(_REASONS, about):
        reasons[statement].append(reason_line(why, cases, detail))
    return [
        StatementView(one, titles[one.id], far.get(one.id, Progress()), tuple(reasons[one.id]))
        for one in statements
    ]


def reason_line(why: str, cases: int, detail: str) -> ReasonLine:
    """A reason as it is shown."""
    return ReasonLine(why, REASONS.get(why, why), detail, cases)


def held(conn: Connection[Any], brand: int) -> list[tuple[int, str]]:
    """Statements that wait for an approval, the oldest first, each with its incident's title."""
    return conn.execute(
        "SELECT s.id, i.title FROM statement s JOIN incident i ON i.brand_id = s.brand_id AND i.number = s.incident"
        " WHERE s.brand_id = %s AND s.state = 'held' ORDER BY s.asked_at, s.id LIMIT 5",
        [brand],
    ).fetchall()
