"""The plain evaluator: walks a condition's tree as it is written. Slow, obvious, and what explanations use."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from townhall.policy.logic import arithmetic
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.expression import Node

_Scope = Mapping[str, Any]


def evaluate(node: Node, context: Context, scope: _Scope | None = None) -> Any:
    """The node's value for the post. Raises ``NoValue`` where CEL has an error."""
    scope = scope or {}
    if node.op in _DEFERRED:
        return _DEFERRED[node.op](node, context, scope)
    return _NOW[node.op](node, *(evaluate(part, context, scope) for part in node.parts))


def _logic(node: Node, context: Context, scope: _Scope) -> bool:
    thunks = [lambda part=part: evaluate(part, context, scope) for part in node.parts]
    return arithmetic.every(thunks) if node.op == "&&" else arithmetic.some(thunks)


def _choice(node: Node, context: Context, scope: _Scope) -> Any:
    test, then, other = node.parts
    return evaluate(then if evaluate(test, context, scope) else other, context, scope)


def _quantifier(node: Node, context: Context, scope: _Scope) -> bool:
    items, body = node.parts
    thunks = [
        lambda item=item: evaluate(body, context, {**scope, node.value: item})
        for item in evaluate(items, context, scope)
    ]
    return arithmetic.every(thunks) if node.op == "all" else arithmetic.some(thunks)


def _sum(node: Node, a: Any, b: Any) -> Any:
    return arithmetic.whole(a + b) if node.type == "int" else a + b


def _quotient(node: Node, a: Any, b: Any) -> Any:
    return arithmetic.divide_whole(a, b) if node.type == "int" else arithmetic.divide_double(a, b)


def _compare(compare: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda node, a, b: compare(a, b)


_DEFERRED: dict[str, Callable[[Node, Context, _Scope], Any]] = {
    "&&": _logic,
    "||": _logic,
    "?:": _choice,
    "exists": _quantifier,
    "all": _quantifier,
    "field": lambda node, context, scope: getattr(context, FIELDS[node.value][0]),
    "variable": lambda node, context, scope: scope[node.value],
    "literal": lambda node, context, scope: node.value,
}

_NOW: dict[str, Callable[..., Any]] = {
    "list": lambda node, *items: items,
    "!": lambda node, a: not a,
    "neg": lambda node, a: arithmetic.whole(-a) if node.type == "int" else -a,
    "==": _compare(operator.eq),
    "!=": _compare(operator.ne),
    "<": _compare(operator.lt),
    "<=": _compare(operator.le),
    ">": _compare(operator.gt),
    ">=": _compare(operator.ge),
    "in": lambda node, a, items: a in items,
    "+": _sum,
    "-": lambda node, a, b: arithmetic.whole(a - b) if node.type == "int" else a - b,
    "*": lambda node, a, b: arithmetic.whole(a * b) if node.type == "int" else a * b,
    "/": _quotient,
    "%": lambda node, a, b: arithmetic.remainder(a, b),
    "size": lambda node, a: len(a),
    "contains": lambda node, a, b: b in a,
    "startsWith": lambda node, a, b: a.startswith(b),
    "endsWith": lambda node, a, b: a.endswith(b),
    "lowerAscii": lambda node, a: arithmetic.lower_ascii(a),
    "matches": lambda node, a: re.search(node.value.python, a) is not None,
}
