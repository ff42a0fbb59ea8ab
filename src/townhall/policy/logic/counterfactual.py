"""What would have changed a verdict: the single facts about a post that, had they been otherwise, decide differently."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from townhall.policy.logic.alternatives import alternatives
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.rule import Policy

MOST = 40


class Otherwise(Struct, frozen=True):
    """Had ``field`` been ``value``, ``rule`` would have decided ("" for the defaults), with ``effect``."""

    field: str
    was: Any
    value: Any
    rule: str
    effect: str


def otherwise(policy: Policy, context: Context) -> list[Otherwise]:
    """One entry a field and another outcome, at most ``MOST``: the first of every field before the second of any."""
    tried = [(path, value) for path in FIELDS for value in alternatives(policy, path, context)]
    others = [replace(context, **{FIELDS[path][0]: value}) for path, value in tried]
    decided = policy.decide([context, *others])
    found: dict[str, dict[tuple[str, str], Otherwise]] = {}
    for (path, value), verdict in zip(tried, decided[1:], strict=True):
        outcome = (verdict.rule, verdict.effect)
        if outcome != (decided[0].rule, decided[0].effect):
            was = getattr(context, FIELDS[path][0])
            found.setdefault(path, {}).setdefault(outcome, Otherwise(path, was, value, *outcome))
    ranked = [(place, one) for of_field in found.values() for place, one in enumerate(of_field.values())]
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])][:MOST]
