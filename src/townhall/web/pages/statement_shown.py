"""What pages show of a statement: whom it would reach, in whose words, who is left out, and how far it is."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from townhall.desk import statements as desk
from townhall.desk.views.statements import StatementView
from townhall.flow import statements as acts
from townhall.flow.statement_check import MOST, SOMEBODY, Asked, Checked, check_all
from townhall.kernel.clock import HOUR, Instant
from townhall.outbound.logic.statement import Statement, drawn
from townhall.outbound.store import statements as store
from townhall.web.pages.brand import Guest

HOURS = (1, 2, 4, 8, 24, 72)
"""How long a statement may live."""


def statement_of(here: Guest, number: int, typed: dict[str, Any] | None = None) -> dict[str, Any]:
    """The newest statement of an incident as its page shows it, and what its form holds."""
    newest = desk.newest(here.conn, here.asker.brand_id, number)
    statement = store.get(here.conn, newest) if newest else None
    words: dict[str, Any] = {
        "statement": statement,
        "hours": HOURS,
        "most": MOST,
        "typed": typed or _typed(statement, here.now),
        "may_write": here.asker.may("reply"),
        "may_stop": here.asker.may("stop_outbound"),
        "may_go_on": here.asker.may("approve") or here.asker.may("resume_outbound"),
    }
    if statement is None:
        return words
    mine = statement.author_id == here.asker.staff_id
    words |= {"mine": mine, "shown": desk.view(here.conn, statement, "")}
    if statement.state == "draft" and mine:
        words |= _previewed(statement, acts.preview(here.conn, statement, here.now))
    elif statement.state == "held":
        words |= _held(here, statement)
    return words


def _typed(statement: Statement | None, now: Instant) -> dict[str, Any]:
    """What the form begins with: what was written, where it may be written anew."""
    if statement is None or statement.state not in ("draft", "held", "returned", "expired"):
        return {"text": "", "language": "", "scope": "now", "hours": 4}
    left = max(1, round((statement.expires_at - now) / HOUR))
    hours = min(HOURS, key=lambda one: abs(one - left))
    return {
        "text": statement.text, "language": statement.language, "scope": statement.scope, "hours": hours,
    }  # fmt: skip


def _previewed(statement: Statement, checked: Checked) -> dict[str, Any]:
    counted = Counter(one.why for one in checked.left_out)
    details = {one.why: one.detail for one in checked.left_out if one.detail}
    lines = [desk.reason_line(why, cases, details.get(why, "")) for why, cases in counted.most_common()]
    return {
        "fits": len(checked.fit),
        "of": len(checked.fit) + len(checked.left_out),
        "reasons": lines,
        "previews": _drawn(statement, checked),
        "holds": _holds(checked),
    }


def _drawn(statement: Statement, checked: Checked) -> list[Any]:
    by_case = {one.place.case_id: one for one in checked.fit}
    return [by_case[case] for case in drawn(statement.seed, list(by_case))]


def _holds(checked: Checked) -> str:
    """What the guard noticed that the approval of the statement lifts."""
    return " ".join(dict.fromkeys(one.decision.why for one in checked.fit if one.decision.why))


def _held(here: Guest, statement: Statement) -> dict[str, Any]:
    """What waits for an approval, of one statement."""
    return _all_held(here, [statement])[0]


def _all_held(here: Guest, statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """What waits, of each: five of its cases as the texts would be now for whoever reads, if they approved it. Nine queries."""
    waiting = store.waiting_of(here.conn, [one.id for one in statements])
    roles = here.asker.roles if here.asker.may("approve") else SOMEBODY
    asked = [Asked(one, drawn(one.seed, waiting[one.id]), roles) for one in statements]
    brand = here.asker.brand_id
    shown = desk.views(here.conn, brand, statements, {one.id: "" for one in statements})
    found = zip(statements, check_all(here.conn, brand, asked, here.now), shown, strict=True)
    return [_waits(one, len(waiting[one.id]), checked, view) for one, checked, view in found]


def _waits(statement: Statement, waiting: int, checked: Checked, shown: StatementView) -> dict[str, Any]:
    return {
        "fits": waiting,
        "of": waiting + shown.progress.left_out,
        "reasons": shown.reasons,
        "previews": _drawn(statement, checked),
        "gone": checked.left_out,
        "holds": _holds(checked),
    }


def held_statements(here: Guest) -> list[dict[str, Any]]:
    """What waits for an approval as one item each, five at most. Eleven queries, one while nothing waits."""
    titles = dict(desk.held(here.conn, here.asker.brand_id))
    if not titles:
        return []
    known = store.many(here.conn, list(titles))
    statements = [known[one] for one in titles if one in known]
    return [
        {
            "statement": statement,
            "title": titles[statement.id],
            "own": statement.author_id == here.asker.staff_id,
            "may": here.asker.may("approve")
            and statement.takes(here.asker.roles)
            and statement.author_id != here.asker.staff_id,
            "needs": sorted(statement.approvers),
            **waits,
        }
        for statement, waits in zip(statements, _all_held(here, statements), strict=True)
    ]
