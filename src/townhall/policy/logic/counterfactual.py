"""What would have changed a verdict: the single facts about a post that, had they been otherwise, decide differently."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.expression import Node
from townhall.policy.logic.rule import Policy

MOST = 40
_FIXED: dict[str, tuple[Any, ...]] = {
    "post.sentiment": (-1, 0, 1),
    "post.visibility": ("public", "unlisted", "followers", "direct"),
}


class Otherwise(Struct, frozen=True):
    """Had ``field`` been ``value``, ``rule`` would have decided ("" for the defaults), with ``effect``."""

    field: str
    was: Any
    value: Any
    rule: str
    effect: str


def otherwise(policy: Policy, context: Context) -> list[Otherwise]:
    """One entry a field and another outcome, at most ``MOST``. Values tried are those that conditions speak of."""
    tried = [(path, value) for path in FIELDS for value in _values(policy, path, context)]
    others = [replace(context, **{FIELDS[path][0]: value}) for path, value in tried]
    decided = policy.decide([context, *others])
    found: dict[tuple[str, str], Otherwise] = {}
    for (path, value), verdict in zip(tried, decided[1:], strict=True):
        if (verdict.rule, verdict.effect) != (decided[0].rule, decided[0].effect):
            was = getattr(context, FIELDS[path][0])
            found.setdefault((path, verdict.rule), Otherwise(path, was, value, verdict.rule, verdict.effect))
    return list(found.values())[:MOST]


def _values(policy: Policy, path: str, context: Context) -> list[Any]:
    name, type_ = FIELDS[path]
    now = getattr(context, name)
    if type_ == "bool":
        return [not now]
    spoken = {value for rule in policy.rules for value in _compared(rule.condition, path)}
    if type_ in ("int", "double"):
        near = {
            step
            for value in spoken
            if isinstance(value, (int, float))
            for step in (value, value + 1, value - 1)
        }
        return [
            value
            for value in (*_FIXED.get(path, ()), *sorted(near))
            if value != now and value >= (-1 if type_ == "int" else 0)
        ]
    if type_ == "list(string)":
        return [(), *((word,) for word in sorted(map(str, spoken)))]
    return [value for value in (*_FIXED.get(path, ()), *sorted(map(str, spoken))) if value != now][:200]


def _compared(node: Node, path: str) -> Iterator[Any]:
    """Literals that stand in the same smallest test as the field."""
    if node.op in ("&&", "||", "!", "?:"):
        for part in node.parts:
            yield from _compared(part, path)
    elif _speaks_of(node, path):
        yield from _literals(node)


def _speaks_of(node: Node, path: str) -> bool:
    return (node.op == "field" and node.value == path) or any(_speaks_of(part, path) for part in node.parts)


def _literals(node: Node) -> Iterator[Any]:
    if node.op == "literal":
        yield node.value
    for part in node.parts:
        yield from _literals(part)
