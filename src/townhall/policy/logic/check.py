"""A policy held up to the light: what its rules do to each other, each finding with a post that shows it.

*Dead*: no post matches the rule. *Shadowed*: every post that does is decided by a stronger rule. *Overlaps*: one post
matches two rules of different effects; precedence decides, and the finding says which. *Gap*: a post that no rule
matches, so that the defaults hold. *Note*: a promise that begins nowhere yet. What the solver cannot decide is said, with the parts that stand in the way.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from threading import Lock
from typing import Any

from msgspec import to_builtins

from townhall.kernel.errors import Refused
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.document import parse_policy
from townhall.policy.logic.proof.solve import Answer, Questions
from townhall.policy.logic.rule import Policy

MOST_PAIRS = 3_000
"""Pairs of rules with different effects that are looked at; more than that is said, not hidden."""

_IDLE = "community_answer"
NO_COMMUNITY = (
    "no promise is made of it: it begins with a member's question in a community, and there is none yet"
)

_SOLVER = Lock()
"""The solver keeps one world for the whole process, and must not be asked by two threads at once."""


def check_policy(source: bytes, go_on: Callable[[], bool] = lambda: True) -> dict[str, Any]:
    """Plain values for a report: ``ok``, ``errors`` of reading, then the findings. ``ok`` is false for a document that is
    refused and for one with a dead or shadowed rule.

    Whoever cannot wait says by ``go_on`` when it is enough: ``unlooked`` then counts the rules that were not looked at, and
    ``unlooked_pairs`` the pairs.
    """
    try:
        policy = parse_policy(source)
    except Refused as refused:
        return {"ok": False, "errors": [str(refused)], "rules": 0, **_nothing()}
    with _SOLVER:
        found = _findings(policy, go_on)
    return {
        "ok": not found["dead"] and not found["shadowed"], "errors": [], "policy": policy.id, "version": policy.version,
        "digest": policy.digest, "rules": len(policy.rules), **found,
    }  # fmt: skip


def faults(
    source: bytes, go_on: Callable[[], bool] = lambda: True, sound: int = 0
) -> tuple[tuple[str, ...], int]:
    """Why a document may not be put to review: it is refused, or has dead or shadowed rules. Each in one sentence.

    The part of ``check_policy`` that grows with the rules and not with their pairs. Also gives how many rules were not
    looked at when ``go_on`` said that it is enough. ``sound``: so many, the strongest, are known to have no fault.
    """
    try:
        policy = parse_policy(source)
    except Refused as refused:
        return (str(refused),), 0
    found, left = _nothing(), 0
    with _SOLVER:
        asking = Questions(policy.rules)
        for place in range(sound, len(policy.rules)):
            if not go_on():
                left = len(policy.rules) - place
                break
            if (
                asking.ask([place], range(place)).outcome != "post"
            ):  # a post that it decides proves both at once
                _alive(policy, asking, place, found)
    said = [f"line {one['line']}: {one['rule']} is dead: {one['why']}" for one in found["dead"]]
    said += [
        f"line {one['line']}: {one['rule']} never decides, because {' or '.join(one['by']) or 'stronger rules'} "
        "decide every post that it matches"
        for one in found["shadowed"]
    ]
    return tuple(said), left


def _nothing() -> dict[str, Any]:
    return {
        "dead": [],
        "shadowed": [],
        "overlaps": [],
        "gap": None,
        "notes": [],
        "undecided": [],
        "unlooked": 0,
        "unlooked_pairs": 0,
    }


def _findings(policy: Policy, go_on: Callable[[], bool]) -> dict[str, Any]:
    found, asking = _nothing(), Questions(policy.rules)
    dead: set[int] = set()
    for place in range(len(policy.rules)):
        if not go_on():
            found["unlooked"] = len(policy.rules) - place
            break
        if not _alive(policy, asking, place, found):
            dead.add(place)
    if go_on():
        answer = asking.ask([], range(len(policy.rules)))
        found["gap"] = _shown(answer.post) if answer.post else None
        if answer.outcome == "undecided":
            _undecided(found, "gap", "", answer)
    _overlaps(policy, asking, dead, found, go_on)
    found["notes"] = list(_notes(policy))
    return found


def _notes(policy: Policy) -> Iterator[dict[str, Any]]:
    """Promises that stand in the document and begin nowhere: said once for the defaults, not again for each rule without its own."""
    usual = policy.otherwise.targets
    if _IDLE in usual.metrics():
        yield {"rule": "", "line": 0, "metric": _IDLE, "why": NO_COMMUNITY}
    for rule in policy.rules:
        if _IDLE in rule.targets.metrics() and rule.targets != usual:
            yield {"rule": rule.id, "line": rule.line, "metric": _IDLE, "why": NO_COMMUNITY}


def _alive(policy: Policy, asking: Questions, place: int, found: dict[str, Any]) -> bool:
    """Notes whether a rule is dead or shadowed; False when it is proved dead."""
    rule = policy.rules[place]
    answer = asking.ask([place])
    if answer.outcome == "never":
        found["dead"].append({"rule": rule.id, "line": rule.line, "why": "no post can match its condition"})
    elif answer.outcome == "undecided":
        _undecided(found, "dead", rule.id, answer)
    else:
        _shadow(policy, asking, place, found)
    return answer.outcome != "never"


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


def _overlaps(
    policy: Policy, asking: Questions, dead: set[int], found: dict[str, Any], go_on: Callable[[], bool]
) -> None:
    pairs = [
        (a, b) for a, b in combinations(range(len(policy.rules)), 2)
        if policy.rules[a].effect != policy.rules[b].effect and not {a, b} & dead
    ]  # fmt: skip
    looked = 0
    for a, b in pairs[:MOST_PAIRS]:
        if not go_on():
            break
        looked += 1
        _overlap(policy, asking, a, b, found)
    found["unlooked_pairs"] = len(pairs) - looked


def _overlap(policy: Policy, asking: Questions, a: int, b: int, found: dict[str, Any]) -> None:
    first, second = policy.rules[a], policy.rules[b]
    answer = asking.ask([a, b])
    if answer.post is not None:
        found["overlaps"].append(
            {
                "rules": [first.id, second.id], "effects": [first.effect, second.effect],
                "lines": [first.line, second.line], "decided_by": _decides(policy, answer.post),
                "example": _shown(answer.post),
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
