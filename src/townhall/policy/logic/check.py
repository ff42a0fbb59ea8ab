"""A policy held up to the light: what its rules do to each other, each finding with a post that shows it.

*Dead*: no post matches the rule. *Shadowed*: every post that does is decided by a stronger rule. *Overlaps*: one post
matches two rules of different effects; precedence decides, and the finding says which. *Gap*: a post that no rule
matches, so that the defaults hold. What the solver cannot decide is said, with the parts that stand in the way.
"""

from itertools import combinations
from typing import Any

from msgspec import to_builtins

from townhall.kernel.errors import Refused
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.document import parse_policy
from townhall.policy.logic.proof.solve import Answer, Questions
from townhall.policy.logic.rule import Policy

MOST_PAIRS = 3_000
"""Pairs of rules with different effects that are looked at; more than that is said, not hidden."""


def check_policy(source: bytes) -> dict[str, Any]:
    """Plain values for a report: ``ok``, ``errors`` of reading, then the findings. ``ok`` is false for a document that is
    refused and for one with a dead or shadowed rule."""
    try:
        policy = parse_policy(source)
    except Refused as refused:
        return {"ok": False, "errors": [str(refused)], "rules": 0, **_nothing()}
    found = _findings(policy)
    return {
        "ok": not found["dead"] and not found["shadowed"], "errors": [], "policy": policy.id, "version": policy.version,
        "digest": policy.digest, "rules": len(policy.rules), **found,
    }  # fmt: skip


def _nothing() -> dict[str, Any]:
    return {"dead": [], "shadowed": [], "overlaps": [], "gap": None, "undecided": [], "unlooked_pairs": 0}


def _findings(policy: Policy) -> dict[str, Any]:
    found, asking = _nothing(), Questions(policy.rules)
    dead: set[int] = set()
    for place, rule in enumerate(policy.rules):
        answer = asking.ask([place])
        if answer.outcome == "never":
            dead.add(place)
            found["dead"].append(
                {"rule": rule.id, "line": rule.line, "why": "no post can match its condition"}
            )
        elif answer.outcome == "undecided":
            _undecided(found, "dead", rule.id, answer)
        else:
            _shadow(policy, asking, place, found)
    _overlaps(policy, asking, dead, found)
    answer = asking.ask([], range(len(policy.rules)))
    found["gap"] = _shown(answer.post) if answer.post else None
    if answer.outcome == "undecided":
        _undecided(found, "gap", "", answer)
    return found


def _shadow(policy: Policy, asking: Questions, place: int, found: dict[str, Any]) -> None:
    rule = policy.rules[place]
    if not place:
        return
    answer = asking.ask([place], range(place))
    if answer.outcome == "never":
        shown = asking.ask([place]).post
        by = [r.id for r in policy.rules[:place] if shown and _decides(policy, shown) == r.id]
        found["shadowed"].append({"rule": rule.id, "line": rule.line, "by": by, "example": _shown(shown)})
    elif answer.outcome == "undecided":
        _undecided(found, "shadowed", rule.id, answer)


def _overlaps(policy: Policy, asking: Questions, dead: set[int], found: dict[str, Any]) -> None:
    pairs = [
        (a, b) for a, b in combinations(range(len(policy.rules)), 2)
        if policy.rules[a].effect != policy.rules[b].effect and not {a, b} & dead
    ]  # fmt: skip
    found["unlooked_pairs"] = max(0, len(pairs) - MOST_PAIRS)
    for a, b in pairs[:MOST_PAIRS]:
        first, second = policy.rules[a], policy.rules[b]
        answer = asking.ask([a, b])
        if answer.post is not None:
            found["overlaps"].append(
                {
                    "rules": [first.id, second.id], "effects": [first.effect, second.effect],
                    "decided_by": _decides(policy, answer.post), "example": _shown(answer.post),
                }
            )  # fmt: skip
        elif answer.outcome == "undecided":
            _undecided(found, "overlap", f"{first.id} and {second.id}", answer)


def _decides(policy: Policy, post: Context) -> str:
    return policy.decide([post])[0].rule


def _undecided(found: dict[str, Any], question: str, rule: str, answer: Answer) -> None:
    found["undecided"].append({"question": question, "rule": rule, "parts": list(answer.loose)[:5]})


def _shown(post: Context | None) -> dict[str, Any] | None:
    """What of a post is not as in one that says nothing."""
    if post is None:
        return None
    empty = Context()
    return {
        path: to_builtins(getattr(post, name))
        for path, (name, _) in FIELDS.items()
        if getattr(post, name) != getattr(empty, name)
    }
