"""A policy's document made into a ``Policy``, its examples tried; what is wrong is refused with its place.

::

    id: care
    version: 4
    calendar: default
    defaults: {effect: no_answer, priority: low, queue: general, reason: Nothing asks for an answer.}
    rules:
      - id: outage
        owner: network operations
        reason: Outages are told to the customer before they spread.
        when: post.intent == 'outage' || post.text.lowerAscii().contains('no signal')
        effect: answer
        priority: urgent
        queue: outages
        targets: {first_response: 30m, next_response: 1h}
        from: 2026-01-01
        until: 2027-01-01
        examples:
          match: [{post.text: No signal since noon}]
          no_match: [{post.text: Lovely weather}]

``calendar``, ``queue``, ``priority`` and ``targets`` come from the document's own defaults where a rule does not name
them (targets only for effects that answer). ``approvals: [compliance, lead]`` lets an answer go only when another person with one of the roles approved its exact words;
``approvals: {all: [compliance, [compliance, lead]]}`` when several people did, one for each entry.
``from`` and ``until`` are days in UTC, ``until`` not included.
Which rule decides: the stronger effect (``rule.EFFECTS``), then the higher ``precedence``, then the id. The order of the
document never matters.
"""

import hashlib
import re
from datetime import date, datetime
from typing import cast

from townhall.kernel.clock import DAY, Instant
from townhall.kernel.errors import Refused
from townhall.people.logic import ACTS
from townhall.policy.logic.example import try_examples
from townhall.policy.logic.expression import Node, fields_of, read_condition
from townhall.policy.logic.fault import Fault
from townhall.policy.logic.judge import compile_rules
from townhall.policy.logic.located import Located, read_located
from townhall.policy.logic.rule import EFFECTS, PRIORITIES, SILENT, Approvals, Effect, Policy, Rule, Verdict
from townhall.policy.logic.targets import read_targets

MOST_RULES = 2_000
MOST_STEPS = 4
"""People who have to approve one answer, at most."""
APPROVERS = tuple(sorted(ACTS["approve"]))
"""Roles that a rule may want an approval of."""
_POLICY = ("id", "version", "calendar", "defaults", "rules", "about")
_DEFAULTS = ("effect", "priority", "queue", "targets", "reason", "approvals")
_RULE = (
    "id", "owner", "reason", "when", "effect", "priority", "queue", "targets", "calendar", "precedence",
    "from", "until", "examples", "approvals",
)  # fmt: skip
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def parse_policy(source: str | bytes) -> Policy:
    """The policy of a document, each rule's examples tried. Raises ``Refused`` with line, column and what to do."""
    exact = source if isinstance(source, bytes) else source.encode()
    root = read_located(_decoded(exact))
    fields = root.mapping(_POLICY, needed=("id", "version", "rules"))
    calendar = fields["calendar"].text() if "calendar" in fields else ""
    otherwise = _otherwise(fields.get("defaults"), calendar)
    rows = fields["rules"].rows()
    if len(rows) > MOST_RULES:
        fields["rules"].refuse(f"at most {MOST_RULES:,} rules")
    rules = tuple(sorted((_rule(row, otherwise) for row in rows), key=Rule.rank))
    _refuse_twins(rules, rows)
    try_examples(rows, {rule.id: rule for rule in rules})
    digest = hashlib.sha256(exact).hexdigest()
    version = _number(fields["version"], least=1)
    return Policy(
        _id(fields["id"]), version, digest, rules, otherwise, compile_rules(rules, otherwise), _asked(rules)
    )


def _decoded(exact: bytes) -> str:
    try:
        return exact.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"policy: not UTF-8 at byte {error.start}; save the file as UTF-8") from error


def _otherwise(node: Located | None, calendar: str) -> Verdict:
    """The verdict when no rule matches."""
    fields = node.mapping(_DEFAULTS) if node else {}
    effect = _choice(fields.get("effect"), EFFECTS, "no_answer")
    priority, targets = (
        _choice(fields.get("priority"), PRIORITIES, "normal"),
        read_targets(fields.get("targets")),
    )
    return Verdict(
        effect,
        effect not in SILENT,
        PRIORITIES.index(priority),
        fields["queue"].text() if "queue" in fields else "general",
        targets.within("first_response", priority),
        targets.within("next_response", priority),
        calendar,
        "",
        (),
        fields["reason"].text() if "reason" in fields else "No rule matched; the policy's defaults hold.",
        targets,
        targets.is_plain(),
        _approvals(fields.get("approvals")),
    )


def _rule(row: Located, otherwise: Verdict) -> Rule:
    fields = row.mapping(_RULE, needed=("id", "owner", "reason", "when", "effect"))
    effect = _choice(fields["effect"], EFFECTS, "")
    targets = read_targets(fields.get("targets"))
    if "targets" not in fields and effect not in (*SILENT, "acknowledge"):
        targets = otherwise.targets
    from_at, until_at = _day(fields.get("from")), _day(fields.get("until"))
    if until_at and until_at <= from_at:
        fields["until"].refuse("must be after from; it is the first day on which the rule no longer holds")
    named = (
        _choice(fields["priority"], PRIORITIES, "")
        if "priority" in fields
        else PRIORITIES[otherwise.priority]
    )
    return Rule(
        id=_id(fields["id"]),
        owner=fields["owner"].text(),
        reason=fields["reason"].text(),
        when=fields["when"].text(),
        condition=_condition(fields["when"]),
        effect=cast("Effect", effect),
        priority=PRIORITIES.index(named),
        queue=fields["queue"].text() if "queue" in fields else otherwise.queue,
        first_response=targets.within("first_response", named),
        next_response=targets.within("next_response", named),
        calendar=fields["calendar"].text() if "calendar" in fields else otherwise.calendar,
        precedence=_number(fields["precedence"], least=-1_000_000) if "precedence" in fields else 0,
        from_at=from_at,
        until_at=until_at,
        line=row.line,
        targets=targets,
        approvals=_approvals(fields["approvals"]) if "approvals" in fields else otherwise.approvals,
    )


def _approvals(node: Located | None) -> Approvals:
    """The steps of approval, each met by another person with one of its roles; only those who may approve at all."""
    if node is None:
        return ()
    if not node.is_mapping():
        roles = _roles(node.rows(), node)
        return (roles,) if roles else ()
    steps = node.mapping(("all",), needed=("all",))["all"]
    found = [_roles(one.rows() if one.is_list() else [one], node) for one in steps.rows()]
    if not 1 <= len(found) <= MOST_STEPS or not all(found):
        node.refuse(f"all names 1 to {MOST_STEPS} approvals, each a role or a list of roles")
    return tuple(sorted(found))


def _roles(rows: list[Located], node: Located) -> tuple[str, ...]:
    named = {one.text() for one in rows}
    if named - set(APPROVERS):
        node.refuse(f"roles that approve are {' and '.join(APPROVERS)}")
    return tuple(sorted(named))


def _asked(rules: tuple[Rule, ...]) -> frozenset[str]:
    return frozenset(path for rule in rules for path in fields_of(rule.condition))


def _condition(node: Located) -> Node:
    try:
        return read_condition(node.text())
    except Fault as fault:
        node.refuse(fault.message, fault.at)


def _refuse_twins(rules: tuple[Rule, ...], rows: list[Located]) -> None:
    seen: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.line):
        if rule.id in seen:
            twin = next(row for row in rows if row.line == rule.line)
            twin.refuse(
                f"{rule.id} is already the id of the rule on line {seen[rule.id].line}; choose another"
            )
        seen[rule.id] = rule


def _choice(node: Located | None, allowed: tuple[str, ...], otherwise: str) -> str:
    if node is None:
        return otherwise
    if node.text() not in allowed:
        node.refuse(f"{node.text()} is not known; choose one of {', '.join(allowed)}")
    return node.text()


def _id(node: Located) -> str:
    if not _ID.fullmatch(node.text()):
        node.refuse("small letters, digits, - and _ only, at most 64")
    return node.text()


def _number(node: Located, least: int) -> int:
    value = node.value()
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 1_000_000_000:
        node.refuse(f"a whole number from {least:,} is needed")
    return value


def _day(node: Located | None) -> Instant:
    if node is None:
        return 0
    value = node.value()
    if not isinstance(value, date) or isinstance(value, datetime):
        node.refuse("a day such as 2026-12-01 is needed, without quotes")
    return (value.toordinal() - _EPOCH_DAY) * DAY
