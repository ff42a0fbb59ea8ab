"""Pure decisions of policy: a document read and checked, posts judged by it, verdicts explained."""

from townhall.policy.logic.context import FIELDS, LOOKED_UP, Context
from townhall.policy.logic.document import parse_policy
from townhall.policy.logic.explain import Atom, Explanation, RuleExplanation, explain
from townhall.policy.logic.judge import judge
from townhall.policy.logic.rule import EFFECTS, PRIORITIES, SILENT, Effect, Policy, Rule, Verdict
from townhall.policy.logic.targets import Level, Promised, Targets, channel_class

__all__ = [
    "EFFECTS",
    "FIELDS",
    "LOOKED_UP",
    "PRIORITIES",
    "SILENT",
    "Atom",
    "Context",
    "Effect",
    "Explanation",
    "Level",
    "Policy",
    "Promised",
    "Rule",
    "RuleExplanation",
    "Targets",
    "Verdict",
    "channel_class",
    "explain",
    "judge",
    "parse_policy",
]
