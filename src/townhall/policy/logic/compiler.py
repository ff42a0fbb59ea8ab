"""Conditions as Python source: the fast of our two evaluators (the plain one is ``evaluate``).

Only trees that were type-checked come here, and every literal passes through ``repr``, so no text of a policy is ever
run as code. Parts of ``&&`` and ``||`` are put in order of their cost; CEL lets us, because its logic
does not care about order, not even for parts without a value.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from townhall.policy.logic.arithmetic import (
    divide_double,
    divide_whole,
    every,
    lower_ascii,
    remainder,
    some,
    whole,
)
from townhall.policy.logic.context import FIELDS
from townhall.policy.logic.expression import Node
from townhall.policy.logic.scan import WINDOW

UNROLL = 2_000
"""A written-out list is unrolled up to so many steps: ``['a', 'b'].exists(w, …)`` becomes an alternative."""

_COST = {"field": 0, "variable": 0, "literal": 0, "list": 1, "matches": 40, "contains": 6, "startsWith": 4,
         "endsWith": 4, "lowerAscii": 8, "exists": 30, "all": 30}  # fmt: skip


class Writer:
    """Writes Python expressions, and remembers what they need: local names for fields, compiled patterns."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.lowered: dict[str, str] = {}
        self.words: dict[str, int] = {}
        self.guards: dict[int, int] = {}
        self._kept: list[Node] = []
        self._groups = 0
        self.names: dict[str, Any] = {
            "_whole": whole, "_divide_whole": divide_whole, "_divide_double": divide_double,
            "_remainder": remainder, "_lower": lower_ascii, "_every": every, "_some": some,
        }  # fmt: skip

    def write(self, node: Node) -> str:
        """The node as one Python expression over this writer's names."""
        return _WRITERS[node.op](self, node)

    def field(self, path: str) -> str:
        """The local name of a field."""
        return self.fields.setdefault(path, "f_" + FIELDS[path][0])

    def lower(self, path: str) -> str:
        """The local name of a text field in small letters, reckoned once a post."""
        self.field(path)
        return self.lowered.setdefault(path, "l_" + FIELDS[path][0])

    def guard(self, words: Iterable[str], nodes: Iterable[Node]) -> str:
        """A test of the post's mark (``h``, see ``scan``): false when none of these words can be in its text. ``guards`` keeps
        the bit of each node that looks for them, by the node's ``id`` (and the node, so that no other gets the same)."""
        bit = 1 << self._groups
        self._groups += 1
        for word in words:
            lower = lower_ascii(word)
            self.words[lower] = self.words.get(lower, 0) | bit
        for node in nodes:
            self.guards[id(node)] = bit
            self._kept.append(node)
        return f"h & {bit}"

    def pattern(self, source: str) -> str:
        """The name of the pattern's ``search``."""
        name = f"_search{len(self.names)}"
        self.names[name] = re.compile(source).search
        return name


def cost(node: Node) -> int:
    """A rough count of what a node costs, to put cheap parts first."""
    return _COST.get(node.op, 2) + sum(cost(part) for part in node.parts)


def unrolled(node: Node) -> Node:
    """The node with ``exists`` and ``all`` over written-out lists made into ``||`` and ``&&``."""
    parts = tuple(unrolled(part) for part in node.parts)
    steps = (
        len(parts[0].parts) * _size(parts[1]) if node.op in ("exists", "all") and parts[0].op == "list" else 0
    )
    if 0 < steps <= UNROLL:
        op = "||" if node.op == "exists" else "&&"
        bodies = tuple(with_value(parts[1], node.value, item) for item in parts[0].parts)
        return replace(node, op=op, parts=bodies, value=None)
    return replace(node, parts=parts)


def _size(node: Node) -> int:
    return 1 + sum(_size(part) for part in node.parts)


def with_value(node: Node, variable: str, item: Node) -> Node:
    """The node with another in the place of a variable."""
    if node.op == "variable" and node.value == variable:
        return item
    return replace(node, parts=tuple(with_value(part, variable, item) for part in node.parts))


def _logic(writer: Writer, node: Node) -> str:
    parts = sorted(node.parts, key=lambda part: (part.fails, cost(part)))
    searches = [part for part in parts if node.op == "||" and _is_search(part)]
    sure = [writer.write(part) for part in parts if not part.fails and part not in searches]
    if searches:
        sure.append(_searches(writer, searches))
    unsure = [f"lambda: {writer.write(part)}" for part in parts if part.fails]
    if unsure:
        sure.append(f"{'_every' if node.op == '&&' else '_some'}(({', '.join(unsure)},))")
    return f"({(' and ' if node.op == '&&' else ' or ').join(sure)})"


def _is_search(node: Node) -> bool:
    """Whether the node looks for a written-out word in the post's text, as it is or in small letters."""
    if node.op != "contains" or node.parts[1].op != "literal" or not _is_text(node.parts[0]):
        return False
    return len(node.parts[1].value.encode("utf-8", "surrogatepass")) >= WINDOW


def _is_text(node: Node) -> bool:
    inner = node.parts[0] if node.op == "lowerAscii" else node
    return inner.op == "field" and inner.value == "post.text"


def _searches(writer: Writer, nodes: list[Node]) -> str:
    guard = writer.guard((node.parts[1].value for node in nodes), nodes)
    looks = (f"{writer.write(node.parts[1])} in {writer.write(node.parts[0])}" for node in nodes)
    return f"({guard} and ({' or '.join(looks)}))"


def _contains(writer: Writer, node: Node) -> str:
    if _is_search(node):
        return f"bool{_searches(writer, [node])}"
    return f"({writer.write(node.parts[1])} in {writer.write(node.parts[0])})"


def _matches(writer: Writer, node: Node) -> str:
    (target,) = node.parts
    look = f"{writer.pattern(node.value.python)}({writer.write(target)}) is not None"
    if not node.value.words or not _is_text(target):
        return f"({look})"
    return f"bool({writer.guard(node.value.words, [node])} and {look})"


def _plain(writer: Writer, node: Node) -> str:
    left, right = (writer.write(part) for part in node.parts)
    return f"({left} {node.op} {right})"


def _among(writer: Writer, node: Node) -> str:
    needle, items = node.parts
    if items.op == "list" and items.parts and all(part.op == "literal" for part in items.parts):
        values = sorted({repr(part.value) for part in items.parts})
        return f"({writer.write(needle)} in {{{', '.join(values)}}})"
    return f"({writer.write(needle)} in {writer.write(items)})"


def _arithmetic(writer: Writer, node: Node) -> str:
    left, right = (writer.write(part) for part in node.parts)
    if node.op == "%":
        return f"_remainder({left}, {right})"
    if node.op == "/":
        return f"_divide_{'whole' if node.type == 'int' else 'double'}({left}, {right})"
    return f"_whole({left} {node.op} {right})" if node.type == "int" else f"({left} {node.op} {right})"


def _quantifier(writer: Writer, node: Node) -> str:
    items, body = node.parts
    variable, inner = f"v_{node.value}", writer.write(body)
    if body.fails:
        return f"{'_some' if node.op == 'exists' else '_every'}((lambda {variable}={variable}: {inner}) for {variable} in {writer.write(items)})"
    return f"{'any' if node.op == 'exists' else 'all'}({inner} for {variable} in {writer.write(items)})"


def _lowered(writer: Writer, node: Node) -> str:
    (target,) = node.parts
    return writer.lower(target.value) if target.op == "field" else f"_lower({writer.write(target)})"


def _method(name: str) -> Callable[[Writer, Node], str]:
    def write(writer: Writer, node: Node) -> str:
        return f"{writer.write(node.parts[0])}.{name}({writer.write(node.parts[1])})"

    return write


def _listing(writer: Writer, node: Node) -> str:
    return f"({''.join(writer.write(part) + ', ' for part in node.parts)})"


_WRITERS: dict[str, Callable[[Writer, Node], str]] = {
    "literal": lambda writer, node: f"({node.value!r})",
    "field": lambda writer, node: writer.field(node.value),
    "variable": lambda writer, node: f"v_{node.value}",
    "list": _listing,
    "!": lambda writer, node: f"(not {writer.write(node.parts[0])})",
    "neg": lambda writer, node: (
        f"_whole(-{writer.write(node.parts[0])})"
        if node.type == "int"
        else f"(-{writer.write(node.parts[0])})"
    ),
    "&&": _logic,
    "||": _logic,
    "?:": lambda writer, node: "({1} if {0} else {2})".format(*(writer.write(part) for part in node.parts)),
    "in": _among,
    "size": lambda writer, node: f"len({writer.write(node.parts[0])})",
    "contains": _contains,
    "startsWith": _method("startswith"),
    "endsWith": _method("endswith"),
    "lowerAscii": _lowered,
    "matches": _matches,
    "exists": _quantifier,
    "all": _quantifier,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _plain),
    **dict.fromkeys(("+", "-", "*", "/", "%"), _arithmetic),
}
