"""Conditions and rules as plain English, for people who read a policy and will never read its expressions.

Every condition has words, and conditions that differ have different words: nested parts stand in brackets, texts in
quotes. ``condition_in_words`` says when; ``rule_in_words`` says the whole rule in one sentence.
"""

from collections.abc import Callable

from msgspec import Struct

from townhall.kernel.clock import DAY, to_datetime
from townhall.policy.logic import vocabulary as words
from townhall.policy.logic.expression import Node
from townhall.policy.logic.promises import span, targets_in_words
from townhall.policy.logic.rule import PRIORITIES, Approvals, Rule, Verdict

_TESTS = {"contains": "contains", "startsWith": "begins with", "endsWith": "ends with"}
_WHAT = {"hide": "Hiding it", "report": "Reporting it"}
"""What an approval is about, where it is not an answer."""
_SUMS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo"}


class RuleInWords(Struct, frozen=True):
    """A rule in plain English. ``when`` and ``then`` are parts of a sentence, ``limits`` the rest (dates, approvals)."""

    rule: str
    effect: str
    when: str
    then: str
    limits: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"When {self.when}: {self.then}." + "".join(f" {limit}." for limit in self.limits)


def rule_in_words(rule: Rule) -> RuleInWords:
    """One rule: when it holds, what happens then, and what bounds it."""
    return RuleInWords(
        rule.id,
        rule.effect,
        condition_in_words(rule.condition),
        verdict_in_words(rule.verdict(())),
        _limits(rule),
    )


def verdict_in_words(verdict: Verdict) -> str:
    """What happens to a post: the act, by when, in which queue and with what priority."""
    act = words.EFFECTS.get(verdict.effect, verdict.effect.replace("_", " "))
    if not verdict.respond:
        return f"{act} (queue {verdict.queue})"
    by = f" by the calendar {verdict.calendar}" if verdict.calendar else ""
    within = f" within {span(verdict.first_response)} of working time{by}" if verdict.first_response else ""
    later = f", later answers within {span(verdict.next_response)}" if verdict.next_response else ""
    return f"{act}{within}{later}, queue {verdict.queue}, priority {PRIORITIES[verdict.priority]}"


def condition_in_words(node: Node) -> str:
    """When a condition holds."""
    return _said(node)


def _limits(rule: Rule) -> tuple[str, ...]:
    found = [f"Promised besides: {said}" for said in targets_in_words(rule.targets)]
    if rule.approvals:
        found.append(
            f"{_WHAT.get(rule.effect, 'Every answer')} needs the approval of {approvals_in_words(rule.approvals)}"
        )
    if rule.from_at:
        found.append(f"In force from {to_datetime(rule.from_at):%Y-%m-%d}")
    if rule.until_at:
        found.append(f"In force until {to_datetime(rule.until_at - DAY):%Y-%m-%d}")
    return tuple(found)


def approvals_in_words(approvals: Approvals) -> str:
    """The steps of approval as part of a sentence."""
    steps = [" or ".join(step) for step in approvals]
    if len(steps) == 1:
        return steps[0]
    return f"{len(steps)} people, one of each: {'; '.join(steps)}"


def _said(node: Node) -> str:
    """A true-or-false node as a statement, any other as a noun."""
    return _WORDED[node.op](node)


def _part(node: Node) -> str:
    """The same inside something else: in brackets where its end could be mistaken."""
    return f"({_said(node)})" if node.op in _LOOSE else _said(node)


def _logic(node: Node) -> str:
    joint = " and " if node.op == "&&" else " or "
    return joint.join(_said(part) if _is_clause(part) else _part(part) for part in node.parts)


def _is_clause(node: Node) -> bool:
    """Whether a statement is short enough to stand beside others without brackets."""
    if node.op in words.COMPARISONS:
        return node.parts[0].type != "bool" and all(part.op in _SHORT for part in node.parts)
    return node.op in ("exists", "all") and (_is_word_search(node) or _is_membership(node))


def _not(node: Node) -> str:
    (part,) = node.parts
    if part.op == "field":
        return words.statement(part.value, denied=True)
    if part.op in _TESTS or part.op == "matches":
        return _test(part, denied=True)
    if part.op == "in":
        return _among(part, denied=True)
    if part.op == "exists" and _is_word_search(part):
        return _searched(part, "none of")
    return f"it is not so that ({_said(part)})"


def _choice(node: Node) -> str:
    test, then, other = (_part(part) for part in node.parts)
    return f"if {test} then {then}, else {other}"


def _field(node: Node) -> str:
    return words.statement(node.value, denied=False) if node.type == "bool" else words.noun(node.value)


def _literal(node: Node) -> str:
    if node.type == "bool":
        return "always" if node.value else "never"
    return words.quoted(node.value) if node.type == "string" else repr(node.value)


def _compared(node: Node) -> str:
    left, right = node.parts
    if left.type == "bool":
        return f"({_said(left)}) exactly when {'' if node.op == '==' else 'not '}({_said(right)})"
    if left.op == "field" and right.op == "literal":
        own = words.special(left.value, node.op, right.value)
        if own:
            return own
    return f"{_part(left)} {words.compared(node.op, left.type)} {_part(right)}"


def _among(node: Node, *, denied: bool = False) -> str:
    needle, items = node.parts
    if items.op == "list":
        return f"{_part(needle)} {'is none of' if denied else 'is one of'} {_listed(items)}"
    return f"{_part(items)} {'do not include' if denied else 'include'} {_part(needle)}"


def _test(node: Node, *, denied: bool = False) -> str:
    target = node.parts[0]
    if node.op == "matches":
        return _tested(target, "fits the pattern", words.pattern(node.value.source), denied)
    return _tested(target, _TESTS[node.op], _part(node.parts[1]), denied)


def _tested(target: Node, verb: str, what: str, denied: bool) -> str:
    return f"{_part(target)} {_denied(verb) if denied else verb} {what}"


def _denied(verb: str) -> str:
    first, *rest = verb.split(" ")
    return " ".join(["does not", first.removesuffix("s"), *rest])


def _quantifier(node: Node) -> str:
    items, body = node.parts
    if _is_word_search(node):
        return _searched(node, "any of" if node.op == "exists" else "each of")
    if (
        body.op == "in"
        and _is(body.parts[0], node.value)
        and body.parts[1].op == "list"
        and items.op == "field"
    ):
        verb = "include any of" if node.op == "exists" else "are all among"
        return f"{_part(items)} {verb} {_listed(body.parts[1])}"
    which = "some" if node.op == "exists" else "every"
    return f"for {which} ‹{node.value}› of {_part(items)}: ({_said(body)})"


def _is_word_search(node: Node) -> bool:
    """Whether it looks for each word of a list in the same text."""
    items, body = node.parts
    if items.op != "list" or body.op not in _TESTS or not _is(body.parts[1], node.value):
        return False
    return not _names(body.parts[0], node.value) and not any(_names(item, node.value) for item in items.parts)


def _is_membership(node: Node) -> bool:
    """Whether it asks if items of a field are among written-out ones."""
    items, body = node.parts
    if items.op != "field" or body.op != "in" or not _is(body.parts[0], node.value):
        return False
    return body.parts[1].op == "list" and not _names(body.parts[1], node.value)


def _searched(node: Node, which: str) -> str:
    items, body = node.parts
    return _tested(body.parts[0], _TESTS[body.op], f"{which} {_listed(items)}", denied=False)


def _is(node: Node, variable: str) -> bool:
    return node.op == "variable" and node.value == variable


def _names(node: Node, variable: str) -> bool:
    return _is(node, variable) or any(_names(part, variable) for part in node.parts)


def _listed(node: Node) -> str:
    return f"[{', '.join(_part(part) for part in node.parts)}]"


def _sum(node: Node) -> str:
    left, right = (_part(part) for part in node.parts)
    joint = "followed by" if node.type == "string" or node.type.startswith("list") else _SUMS[node.op]
    return f"{left} {joint} {right}"


_SHORT = frozenset({"field", "literal", "variable", "lowerAscii", "size", "neg"})
_LOOSE = frozenset(
    {"&&", "||", "?:", "exists", "all", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">="}
)
_WORDED: dict[str, Callable[[Node], str]] = {
    "&&": _logic,
    "||": _logic,
    "!": _not,
    "?:": _choice,
    "field": _field,
    "variable": lambda node: f"‹{node.value}›",
    "literal": _literal,
    "list": _listed,
    "in": _among,
    "size": lambda node: f"the length of {_part(node.parts[0])}",
    "neg": lambda node: f"minus {_part(node.parts[0])}",
    "lowerAscii": lambda node: f"{_part(node.parts[0])}, in small letters,",
    "matches": _test,
    "exists": _quantifier,
    "all": _quantifier,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _compared),
    **dict.fromkeys(_TESTS, _test),
    **dict.fromkeys(_SUMS, _sum),
}
