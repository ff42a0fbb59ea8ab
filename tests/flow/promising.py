"""A brand whose policy promises what a test needs, and people who act there."""

from typing import Any

from tests.flow.parish import Parish
from townhall.database.connect import transaction
from townhall.kernel.clock import MINUTE
from townhall.people.doors import Asker
from townhall.policy import store as policies
from townhall.policy.logic import parse_policy
from townhall.routing import store as routing

DOCUMENT = """id: care
version: 1
calendar: {calendar}
defaults: {{effect: no_answer, queue: general}}
rules:
  - id: asked
    owner: care
    reason: Questions are answered.
    when: post.text.contains('?')
    effect: answer
    priority: normal
    queue: general
    targets: {targets}
  - id: danger
    owner: care
    reason: Fire is told at once.
    when: post.text.contains('fire')
    effect: escalate
    priority: urgent
    queue: safety
    targets: {urgent}
"""


def promise(parish: Parish, targets: str, calendar: str = "always", urgent: str = "") -> None:
    """The brand's policy from now on; ``urgent`` are the targets of what speaks of fire, else the same."""
    source = DOCUMENT.format(targets=targets, calendar=calendar, urgent=urgent or targets)
    with transaction(parish.connection):
        policies.add(
            parish.connection, parish.brand.id, source, parse_policy(source).digest, "test", activate=True
        )
    again(parish)


def hours(parish: Parish, slug: str, document: str, made: int = 0) -> None:
    """A version of a calendar, made at a moment (minutes from the start; the wall's now when 0)."""
    with transaction(parish.connection):
        routing.add_calendar(parish.connection, parish.brand.id, slug, document)
        if made:
            parish.connection.execute(
                "UPDATE calendar_version SET made_at = to_timestamp(%s) WHERE slug = %s AND version ="
                " (SELECT max(version) FROM calendar_version WHERE slug = %s)",
                [made / 1_000_000, slug, slug],
            )
    again(parish)


def again(parish: Parish) -> None:
    """The house reads what changed."""
    parish.now += 3 * MINUTE
    parish.house.refresh(parish.connection, parish.now, must=True)


def staff(parish: Parish, number: int = 7, *roles: str) -> Asker:
    return Asker(
        staff_id=number, name=f"Staff {number}", brand_id=parish.brand.id, brand_slug="acme",
        roles=frozenset(roles or ("agent", "lead")),
    )  # fmt: skip


def case_of(parish: Parish) -> int:
    (row,) = parish.rows("SELECT max(id) FROM cases")
    return int(row[0])


def told(parish: Parish, where: str = "true") -> list[str]:
    """Promises as lines, their times in minutes from the start: ``resolution 0>480 met 60``."""
    rows = parish.rows(
        "SELECT metric, started_at, due_at, satisfied_at, cancelled_at, cause, paused_at FROM commitment"
        f" WHERE {where} ORDER BY started_at, metric, id"
    )
    return [_line(*row) for row in rows]


def _line(
    metric: str, started: Any, due: Any, satisfied: Any, cancelled: Any, cause: str, paused: Any
) -> str:
    head = f"{metric} {minute(started)}>{minute(due)}"
    if satisfied:
        return f"{head} {'met' if satisfied <= due else 'late'} {minute(satisfied)}"
    if cancelled:
        return f"{head} {cause} {minute(cancelled)}"
    return f"{head} paused {minute(paused)} {cause}" if paused else f"{head} open"


def minute(moment: Any) -> int:
    return round((moment.timestamp() - 1_772_442_000) / 60)
