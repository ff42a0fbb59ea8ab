"""Examples of a rule: posts that it must match, and posts that it must not. They run whenever a policy is read."""

import re
from typing import Any

from msgspec import Struct

from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.evaluate import evaluate
from townhall.policy.logic.explain import say
from townhall.policy.logic.fault import NoValue
from townhall.policy.logic.located import Located, read_located
from townhall.policy.logic.rule import Rule

_KINDS: dict[str, Any] = {"string": str, "bool": bool, "int": int, "double": float}
_LINE = re.compile(r"\s+")


def try_examples(rows: list[Located], rules: dict[str, Rule]) -> None:
    """Runs the examples of every rule. Refuses the first that does not come out as written, and says why."""
    for row in rows:
        fields = row.mapping(())
        if "examples" in fields:
            _try_rule(rules[fields["id"].text()], fields["examples"])


def _try_rule(rule: Rule, examples: Located) -> None:
    for name, samples in examples.mapping(("match", "no_match")).items():
        for sample in samples.rows():
            _try(rule, sample, expected=name == "match")


def _try(rule: Rule, sample: Located, expected: bool) -> None:
    context = _context(sample)
    if _matches(rule, context) != expected:
        verb = "should match and does not" if expected else "should not match and does"
        sample.refuse(f"this example of {rule.id} {verb}: {say(rule.condition, rule.when, context)}")


def _matches(rule: Rule, context: Context) -> bool:
    try:
        return bool(evaluate(rule.condition, context))
    except NoValue:
        return False


def _context(sample: Located) -> Context:
    """The example as a post: named fields, everything else as in a post that says nothing."""
    values: dict[str, Any] = {}
    for path, node in sample.pairs():
        if path not in FIELDS:
            node.refuse(f"nothing is called {path}; known are {', '.join(FIELDS)}")
        attribute, type_ = FIELDS[path]
        values[attribute] = _typed(node, type_)
    values.setdefault("length", len(values.get("text", "")))
    return Context(**values)


def _typed(node: Located, type_: str) -> Any:
    if type_ == "string":
        return node.text()
    value = node.value()
    if type_ == "list(string)" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if type_ == "double" and type(value) is int:
        return float(value)
    if type_.startswith("list") or type(value) is not _KINDS[type_]:
        node.refuse(f"a value of type {type_} is needed")
    return value


class Examples(Struct, frozen=True):
    """The posts written beside a rule, each as the fields it names: those it must match, and those it must not."""

    match: tuple[dict[str, Any], ...] = ()
    no_match: tuple[dict[str, Any], ...] = ()


def written_examples(source: str) -> dict[str, Examples]:
    """Every rule's examples by its id, of a document that was read before."""
    rows = [row.mapping(()) for row in read_located(source).mapping(())["rules"].rows()]
    return {row["id"].text(): _written(row["examples"]) for row in rows if "examples" in row}


def _written(node: Located) -> Examples:
    kinds = {
        name: tuple({path: value.value() for path, value in sample.pairs()} for sample in samples.rows())
        for name, samples in node.mapping(("match", "no_match")).items()
    }
    return Examples(**kinds)
