"""All rules of a policy compiled into one function, so that a post is judged in microseconds.

The function sets one bit a matching rule; bit 0 is the strongest. Equal bits have equal verdicts, so verdicts are
made once and shared. A rule whose condition has no value for a post does not match it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from townhall.policy.logic.arithmetic import lower_ascii
from townhall.policy.logic.compiler import Writer, unrolled
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.expression import Node
from townhall.policy.logic.fault import NoValue
from townhall.policy.logic.index import Key, keys_of
from townhall.policy.logic.rule import Policy, Rule, Verdict
from townhall.policy.logic.scan import Scanner

_KEPT = 4_096
"""Shared verdicts kept at most; combinations of rules are few in practice."""

_NAME = re.compile(r"\b[fl]_\w+")
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
    """One loop over posts. Rules without keys are tried in it, all others in a function of their key (see ``index``)."""
    writer = Writer()
    always: list[str] = []
    keyed: dict[Key, list[str]] = {}
    for place, rule in enumerate(rules):
        condition = unrolled(rule.condition)
        test = f"if {_test(writer, rule, condition)}: bits |= {1 << place}"
        keys = keys_of(condition, writer.guards)
        for tests in (
            (always,) if keys is None else [keyed.setdefault(key, []) for key in sorted(keys, key=repr)]
        ):
            tests.append(test)
    names = {key: f"_at{number}" for number, key in enumerate(keyed)}
    lines = [line for key, tests in keyed.items() for line in _function(writer, names[key], tests)]
    lines += [
        "def match(contexts, texts, marks):",
        "    found = []",
        "    for c, l_text, h in zip(contexts, texts, marks):",
        *_locals(writer, always, 8),
        "        bits = 0",
        *(f"        {test}" for test in always),
        *_dispatch(names),
        "        found.append(bits)",
        "    return found",
    ]
    space: dict[str, Any] = {**writer.names, "_sure": _sure}
    exec(compile("\n".join(lines), "<policy>", "exec"), space)  # noqa: S102  our own writer's code, literals by repr
    for field in sorted({str(name) for name, _ in names}):
        space[_table(field)] = {key[1]: space[name] for key, name in names.items() if key[0] == field}
    return cast("_Matcher", space["match"]), Scanner(writer.words)


def _function(writer: Writer, name: str, tests: list[str]) -> list[str]:
    return [
        f"def {name}(c, l_text, h):",
        *_locals(writer, tests, 4),
        "    bits = 0",
        *(f"    {test}" for test in tests),
        "    return bits",
    ]


def _locals(writer: Writer, tests: list[str], indent: int) -> list[str]:
    """The names that tests use, each reckoned once."""
    used = set(_NAME.findall("\n".join(tests)))
    used |= {
        writer.fields[path] for path, name in writer.lowered.items() if name in used and path != "post.text"
    }
    lines = [f"{name} = c.{FIELDS[path][0]}" for path, name in sorted(writer.fields.items()) if name in used]
    lines += [
        f"{name} = _lower({writer.fields[path]})"
        for path, name in sorted(writer.lowered.items())
        if path != "post.text" and name in used
    ]
    return [" " * indent + line for line in lines]


def _dispatch(names: dict[Key, str]) -> list[str]:
    """Finds the functions of the keys that a post has: of the bits in its mark, and of the values of its fields."""
    lines = []
    mask = sum(int(bit) for field, bit in names if not field)
    if mask:
        lines += [
            f"w = h & {mask}",
            "while w:",
            "    b = w & -w",
            "    w ^= b",
            f"    bits |= {_table('')}[b](c, l_text, h)",
        ]
    for field in sorted({str(field) for field, _ in names if field}):
        lines += [f"k = {_table(field)}.get(c.{FIELDS[field][0]})", "if k: bits |= k(c, l_text, h)"]
    return [f"        {line}" for line in lines]


def _table(field: str) -> str:
    return f"_keys_{FIELDS[field][0] if field else 'words'}"


def _test(writer: Writer, rule: Rule, condition: Node) -> str:
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
