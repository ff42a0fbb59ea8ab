"""Why a post was judged as it was: for every rule, the parts of its condition that decided, with the values they saw."""

from typing import Any

from msgspec import Struct

from townhall.policy.logic.clauses import clause_of
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.english import sentence_of
from townhall.policy.logic.evaluate import evaluate
from townhall.policy.logic.expression import Node, fields_of
from townhall.policy.logic.fault import NoValue
from townhall.policy.logic.rule import Policy, Rule, Verdict

_SHOWN = 80
MOST_ATOMS = 8
"""Parts of a condition that are told; how many more decided is said."""


class Atom(Struct, frozen=True):
    """A part of a condition that decided: its text, whether it held (None: it has no value), and what it saw.

    ``saw`` pairs each CEL name in it with its value as text, cut to 80 characters. ``words`` say it the way it counts: under a
    matching rule what is so, under another what is not.
    """

    text: str
    held: bool | None
    saw: tuple[tuple[str, str], ...]
    words: str = ""


class RuleExplanation(Struct, frozen=True):
    """What one rule made of the post. ``because`` are the parts that made it match, or not match, at most
    ``MOST_ATOMS``; ``more`` says how many stand behind them."""

    rule: str
    effect: str
    matched: bool
    in_force: bool
    because: tuple[Atom, ...]
    more: int = 0


class Explanation(Struct, frozen=True):
    """The verdict, and every rule in order of precedence."""

    verdict: Verdict
    rules: tuple[RuleExplanation, ...]


def explain(policy: Policy, context: Context) -> Explanation:
    """Derives the verdict once more, slowly and with reasons."""
    rules = tuple(_explain_rule(rule, context) for rule in policy.rules)
    matched = [rule.rule for rule in rules if rule.matched]
    decided = next((rule for rule in policy.rules if matched and rule.id == matched[0]), None)
    verdict = decided.verdict(tuple(matched)) if decided else policy.otherwise
    return Explanation(verdict, rules)


def say(condition: Node, source: str, context: Context) -> str:
    """The deciding parts in one line, for a message to a person."""
    atoms, more = _because(condition, source, context, _value(condition, context) is True)
    return "; ".join([*map(_sentence, atoms), *([f"and {more} more"] if more else [])])


def _sentence(atom: Atom) -> str:
    held = {True: "holds", False: "does not hold", None: "has no value"}[atom.held]
    return f"{atom.text} {held}" + "".join(f", {name} is {value}" for name, value in atom.saw)


def _explain_rule(rule: Rule, context: Context) -> RuleExplanation:
    in_force = rule.in_force(context.at)
    matched = in_force and _value(rule.condition, context) is True
    because = _because(rule.condition, rule.when, context, matched)
    return RuleExplanation(rule.id, rule.effect, matched, in_force, *because)


def _because(condition: Node, source: str, context: Context, matched: bool) -> tuple[tuple[Atom, ...], int]:
    deciding = _deciding(condition, context)
    told = tuple(_atom(node, source, context, matched) for node in deciding[:MOST_ATOMS])
    return told, len(deciding) - len(told)


def _deciding(node: Node, context: Context) -> list[Node]:
    """The smallest parts that settle the node: of a true ``&&`` all, of a false one those that are false."""
    value = _value(node, context)
    if node.op == "!":
        return _deciding(node.parts[0], context)
    if node.op not in ("&&", "||"):
        return [node]
    parts = [part for part in node.parts if _value(part, context) is value]
    return [atom for part in parts for atom in _deciding(part, context)]


def _value(node: Node, context: Context) -> Any:
    try:
        return evaluate(node, context)
    except NoValue:
        return None


def _atom(node: Node, source: str, context: Context, matched: bool) -> Atom:
    held = _value(node, context)
    words = sentence_of(clause_of(node, denied=held is not None and held != matched))
    saw = tuple((name, _shown(getattr(context, FIELDS[name][0]))) for name in sorted(fields_of(node)))
    return Atom(" ".join(source[node.at : node.end].split()), held, saw, words)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
