"""All rules of a policy compiled into one function, so that a post is judged in microseconds.

The function sets one bit a matching rule; bit 0 is the strongest. Equal bits have equal verdicts, so verdicts are
made once and shared. A rule whose condition has no value for a post does not match it.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

from townhall.policy.logic.arithmetic import lower_ascii
from townhall.policy.logic.compiler import Writer, unrolled
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.fault import NoValue
from townhall.policy.logic.rule import Policy, Rule, Verdict
from townhall.policy.logic.scan import Scanner

_KEPT = 4_096
"""Shared verdicts kept at most; combinations of rules are few in practice."""

_Matcher = Callable[[Sequence[Context], list[str], list[int]], list[int]]


def judge(policy: Policy, contexts: Sequence[Context]) -> list[Verdict]:
    """A verdict for each post, in their order. Never fails on a post."""
    return policy.decide(contexts)


def compile_rules(
    rules: tuple[Rule, ...], otherwise: Verdict
) -> Callable[[Sequence[Context]], list[Verdict]]:
    """The judging function of rules given in order of precedence."""
    match, scanner = _matcher(rules)
    known: dict[int, Verdict] = {0: otherwise}

    def decide(contexts: Sequence[Context]) -> list[Verdict]:
        nonlocal known
        texts = [lower_ascii(context.text) for context in contexts]
        found = match(contexts, texts, scanner.marks(texts))
        table = known if len(known) < _KEPT else {0: otherwise}
        for bits in set(found) - table.keys():
            table[bits] = _verdict(rules, bits)
        known = table
        return [table[bits] for bits in found]

    return decide


def _verdict(rules: tuple[Rule, ...], bits: int) -> Verdict:
    matched = [rule for i, rule in enumerate(rules) if bits >> i & 1]
    return matched[0].verdict(tuple(rule.id for rule in matched))


def _matcher(rules: tuple[Rule, ...]) -> tuple[_Matcher, Scanner]:
    writer = Writer()
    tests = [f"        if {_test(writer, rule)}: bits |= {1 << i}" for i, rule in enumerate(rules)]
    lines = [
        "def match(contexts, texts, marks):",
        "    found = []",
        "    for c, l_text, h in zip(contexts, texts, marks):",
        *(f"        {name} = c.{FIELDS[path][0]}" for path, name in sorted(writer.fields.items())),
        *(
            f"        {name} = _lower({writer.fields[path]})"
            for path, name in sorted(writer.lowered.items())
            if path != "post.text"
        ),
        "        bits = 0",
        *tests,
        "        found.append(bits)",
        "    return found",
    ]
    space: dict[str, Any] = {**writer.names, "_sure": _sure}
    exec(compile("\n".join(lines), "<policy>", "exec"), space)  # noqa: S102  our own writer's code, literals by repr
    return cast("_Matcher", space["match"]), Scanner(writer.words)


def _test(writer: Writer, rule: Rule) -> str:
    condition = unrolled(rule.condition)
    tests = []
    if rule.from_at:
        tests.append(f"c.at >= {rule.from_at}")
    if rule.until_at:
        tests.append(f"c.at < {rule.until_at}")
    written = writer.write(condition)
    tests.append(f"_sure(lambda: {written})" if condition.fails else written)
    return " and ".join(tests)


def _sure(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except NoValue:
        return False
