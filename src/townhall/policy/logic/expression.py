"""Conditions as typed trees. Types are checked here, once, so that judging needs no check.

CEL checks operands when it runs; we know the type of every field, so a condition that could meet a wrong type is
refused when the policy is written, with the place.
"""

from collections.abc import Callable
from typing import Any

from lark import Token, Tree
from msgspec import Struct

from townhall.policy.logic.context import FIELDS
from townhall.policy.logic.fault import Fault
from townhall.policy.logic.grammar import parse_expression
from townhall.policy.logic.literal import read_double, read_string, read_whole
from townhall.policy.logic.pattern import SafePattern, safe_pattern

DEEPEST = 40
"""Levels of brackets and operators in one condition."""

_ORDERED = ("int", "double", "string")
_ARITHMETIC: dict[str, tuple[str, ...]] = {
    "+": ("int", "double", "string"),
    "-": ("int", "double"),
    "*": ("int", "double"),
    "/": ("int", "double"),
    "%": ("int",),
}
_METHODS = {"contains": "bool", "startsWith": "bool", "endsWith": "bool", "matches": "bool"}


class Node(Struct, frozen=True):
    """One step of a condition. ``at``/``end`` bound its text; ``fails`` says that it may have no value for some post.

    ``op`` is the operator or function, or ``field`` (``value``: CEL name), ``variable`` (name), ``literal`` or ``list``.
    For ``matches`` the ``value`` is the ``SafePattern``, for ``exists`` and ``all`` the variable's name.
    """

    op: str
    type: str
    at: int
    end: int
    parts: tuple["Node", ...] = ()
    value: Any = None
    fails: bool = False


def read_condition(source: str) -> Node:
    """The typed tree of a condition that is true or false. Raises ``Fault``."""
    node = _build(parse_expression(source), {}, 0)
    if node.type != "bool":
        raise Fault(f"a condition is true or false, and this is of type {node.type}", node.at)
    return node


def fields_of(node: Node) -> frozenset[str]:
    """The CEL names of the post's fields that a condition speaks of."""
    own = frozenset({str(node.value)}) if node.op == "field" else frozenset()
    return own.union(*(fields_of(part) for part in node.parts))


_Scope = dict[str, str]


def _build(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    if depth > DEEPEST:
        raise Fault(f"more than {DEEPEST} levels deep; split the rule", _at(tree))
    return _BUILDERS[tree.data](tree, scope, depth + 1)


def _parts(tree: Tree[Token], scope: _Scope, depth: int) -> tuple[Node, ...]:
    return tuple(_build(child, scope, depth) for child in tree.children if isinstance(child, Tree))


def _at(tree: Tree[Token]) -> int:
    return int(getattr(tree.meta, "start_pos", 0))


def _end(tree: Tree[Token]) -> int:
    return int(getattr(tree.meta, "end_pos", 0))


def _node(
    tree: Tree[Token],
    op: str,
    type_: str,
    parts: tuple[Node, ...] = (),
    value: object = None,
    fails: bool = False,
) -> Node:
    return Node(op, type_, _at(tree), _end(tree), parts, value, fails or any(part.fails for part in parts))


def _need(node: Node, types: tuple[str, ...], what: str) -> None:
    if node.type not in types:
        raise Fault(f"{what} needs {' or '.join(types)}, and this is {node.type}", node.at)


def _logic(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    op = "||" if tree.data == "any" else "&&"
    parts = _parts(tree, scope, depth)
    for part in parts:
        _need(part, ("bool",), op)
    return _node(tree, op, "bool", parts)


def _choice(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    test, then, other = _parts(tree, scope, depth)
    _need(test, ("bool",), "what stands before ?")
    if then.type != other.type:
        raise Fault(f"both sides of : must be of one type, not {then.type} and {other.type}", other.at)
    return _node(tree, "?:", then.type, (test, then, other))


def _binary(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    op = str(next(child for child in tree.children if isinstance(child, Token)))
    left, right = _parts(tree, scope, depth)
    if op in _ARITHMETIC:
        return _arithmetic(tree, op, left, right)
    if op == "in":
        _need_list(right)
        _same(left.type, _element(right.type), "in", right)
    else:
        _same(left.type, right.type, op, right)
        if op not in ("==", "!="):
            _need(left, _ORDERED, op)
    return _node(tree, op, "bool", (left, right))


def _arithmetic(tree: Tree[Token], op: str, left: Node, right: Node) -> Node:
    lists = op == "+" and left.type.startswith("list")
    if not lists:
        _need(left, _ARITHMETIC[op], op)
    _same(left.type, right.type, op, right)
    type_ = right.type if left.type == "list(any)" else left.type
    return _node(tree, op, type_, (left, right), fails=left.type == "int")


def _same(left: str, right: str, op: str, where: Node) -> None:
    if left == right or "any" in (left, right) or (left.startswith("list") and "list(any)" in (left, right)):
        return
    hint = "; write the whole number with a point, such as 1.0" if {left, right} == {"int", "double"} else ""
    raise Fault(f"{op} cannot bring together {left} and {right}{hint}", where.at)


def _element(type_: str) -> str:
    return type_[5:-1]


def _need_list(node: Node) -> None:
    if not node.type.startswith("list"):
        raise Fault(f"a list is needed here, such as ['a', 'b'], and this is {node.type}", node.at)


def _not(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    (part,) = _parts(tree, scope, depth)
    _need(part, ("bool",), "!")
    return _node(tree, "!", "bool", (part,))


def _negative(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    inner = tree.children[-1]
    if isinstance(inner, Tree) and inner.data == "int":
        return _node(tree, "literal", "int", value=read_whole(str(inner.children[0]), -1, _at(tree)))
    (part,) = _parts(tree, scope, depth)
    _need(part, ("int", "double"), "-")
    return _node(tree, "neg", part.type, (part,), fails=part.type == "int")


def _name(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    name = str(tree.children[0])
    if name in ("true", "false"):
        return _node(tree, "literal", "bool", value=name == "true")
    if name in scope:
        return _node(tree, "variable", scope[name], value=name)
    raise Fault(f"nothing is called {name}; known are {_known(name)}", _at(tree))


def _select(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    owner, name = tree.children
    path = f"{owner.children[0]}.{name}" if isinstance(owner, Tree) and owner.data == "name" else str(name)
    if path not in FIELDS:
        raise Fault(f"nothing is called {path}; known are {_known(path)}", _at(tree))
    return _node(tree, "field", FIELDS[path][1], value=path)


def _known(name: str) -> str:
    near = [path for path in FIELDS if path.split(".")[0] == name.split(".")[0]]
    return ", ".join(near or FIELDS)


def _method(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    name = str(tree.children[1])
    if name in ("exists", "all"):
        return _quantifier(tree, name, scope, depth)
    target, *arguments = _parts(tree, scope, depth)
    return _call(tree, name, target, arguments)


def _function(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    name = str(tree.children[0])
    arguments = _parts(tree, scope, depth)
    if name != "size" or len(arguments) != 1:
        raise Fault(
            f"there is no function {name}; there is size(x), and x.contains(y) and its like", _at(tree)
        )
    return _call(tree, name, arguments[0], [])


def _call(tree: Tree[Token], name: str, target: Node, arguments: list[Node]) -> Node:
    if name == "size" and not arguments and (target.type == "string" or target.type.startswith("list")):
        return _node(tree, "size", "int", (target,))
    if name == "lowerAscii" and not arguments:
        _need(target, ("string",), "lowerAscii")
        return _node(tree, "lowerAscii", "string", (target,))
    if name not in _METHODS or len(arguments) != 1:
        known = "contains, startsWith, endsWith, matches, lowerAscii, size, exists, all"
        raise Fault(f"{target.type} has no {name} with {len(arguments)} values; there are {known}", _at(tree))
    _need(target, ("string",), name)
    _need(arguments[0], ("string",), name)
    if name == "matches":
        return _node(tree, "matches", "bool", (target,), value=_pattern(arguments[0]))
    return _node(tree, name, "bool", (target, arguments[0]))


def _pattern(argument: Node) -> SafePattern:
    if argument.op != "literal":
        raise Fault("matches takes a pattern written out, not one reckoned from the post", argument.at)
    return safe_pattern(argument.value, argument.at)


def _quantifier(tree: Tree[Token], name: str, scope: _Scope, depth: int) -> Node:
    children = [child for child in tree.children if isinstance(child, Tree)]
    if len(children) != 3 or children[1].data != "name":
        raise Fault(f"{name} is written like list.{name}(x, x == 'a')", _at(tree))
    variable = str(children[1].children[0])
    if variable in scope or variable in ("true", "false") or len(scope) >= 2:
        raise Fault(
            "give each variable its own name, and put at most two of exists and all in one another", _at(tree)
        )
    items = _build(children[0], scope, depth)
    _need_list(items)
    body = _build(children[2], {**scope, variable: _element(items.type)}, depth)
    _need(body, ("bool", "any"), name)
    return _node(tree, name, "bool", (items, body), value=variable)


def _listing(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    items = _parts(tree, scope, depth)
    for item in items[1:]:
        if item.type != items[0].type:
            raise Fault(f"a list holds one type, not {items[0].type} and {item.type}", item.at)
    return _node(tree, "list", f"list({items[0].type if items else 'any'})", items)


def _literal(tree: Tree[Token], scope: _Scope, depth: int) -> Node:
    text, at = str(tree.children[0]), _at(tree)
    if tree.data == "int":
        return _node(tree, "literal", "int", value=read_whole(text, 1, at))
    if tree.data == "double":
        return _node(tree, "literal", "double", value=read_double(text, at))
    return _node(tree, "literal", "string", value=read_string(text, at))


_BUILDERS: dict[str, Callable[[Tree[Token], _Scope, int], Node]] = {
    "any": _logic,
    "every": _logic,
    "choice": _choice,
    "binary": _binary,
    "not_": _not,
    "negative": _negative,
    "name": _name,
    "select": _select,
    "method": _method,
    "function": _function,
    "listing": _listing,
    "int": _literal,
    "double": _literal,
    "string": _literal,
}
