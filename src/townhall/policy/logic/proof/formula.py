"""A condition as a formula over free parts, which a solver can reason about.

Decided exactly: true/false fields; ``== != < <= > >=`` between a number's field and written-out numbers or another such field,
also ``size`` of a text or list; ``== != in contains startsWith endsWith matches`` of a text field (or its small letters) against
written-out texts; ``in`` over list fields against written-out texts, and ``exists``/``all`` over them with any such test of their
items; ``&& || ! ?:``.
Everything else (arithmetic, texts put together, text order, two text fields compared) is a free part: a "no" stays a
proof, because a free part may be anything; a "yes" counts only when the evaluator confirms its post.
"""

from collections.abc import Callable
from typing import Any

from townhall.policy.logic.compiler import unrolled, with_value
from townhall.policy.logic.context import FIELDS
from townhall.policy.logic.expression import Node, fields_of
from townhall.policy.logic.proof.atoms import TextAtom, text_atom

ELSE = "\0something else"
"""Stands for a list's item that no condition names."""

_COMPARED = ("==", "!=", "<", "<=", ">", ">=")


class Parts:
    """The free parts of many conditions: one solver's name for each thing a post has."""

    def __init__(self) -> None:
        import z3

        self.z3: Any = z3
        self.bools: dict[str, Any] = {}
        self.numbers: dict[str, Any] = {}
        self.texts: dict[str, dict[tuple[str, str, str, bool], tuple[TextAtom, Any]]] = {}
        self.members: dict[str, dict[str, Any]] = {}
        self.items: dict[str, dict[str, tuple[Node, Any]]] = {}
        self.loose: dict[str, Any] = {}
        self.at: Any = z3.Int("at")

    def formula(self, condition: Node) -> Any:
        """The formula of a typed condition."""
        return self._read(unrolled(condition))

    def _read(self, node: Node) -> Any:
        if node.fails and node.op not in _LOGIC:
            return self._fresh(node)
        reader = _READERS.get(node.op)
        found = reader(self, node) if reader else None
        return self._opaque(node) if found is None else found

    def member(self, field: str, word: str) -> Any:
        """Whether a list field holds a text."""
        known = self.members.setdefault(field, {})
        if word not in known:
            known[word] = self.z3.Bool(f"{field} has {word!r}")
        return known[word]

    def item(self, field: str, test: Node) -> Any:
        """Whether a list field holds a text that passes a test, which is written of ``post.text``."""
        known = self.items.setdefault(field, {})
        key = shape(test)
        if key not in known:
            known[key] = (test, self.z3.Bool(f"{field} has {key}"))
        return known[key][1]

    def text(self, atom: TextAtom) -> Any:
        """Whether a text field passes a test."""
        known = self.texts.setdefault(atom.field, {})
        if atom.key not in known:
            known[atom.key] = (atom, self.z3.Bool(f"text {atom.key!r}"))
        return known[atom.key][1]

    def number(self, name: str, type_: str) -> Any:
        """A number of the post: a field, or ``size(field)``."""
        if name not in self.numbers:
            self.numbers[name] = (self.z3.Real if type_ == "double" else self.z3.Int)(name)
        return self.numbers[name]

    def _opaque(self, node: Node) -> Any:
        """One free part for all places with the same text."""
        key = shape(node)
        return self.loose.setdefault(key, self.z3.Bool(f"free {key}"))

    def _fresh(self, node: Node) -> Any:
        """A part that may have no value, which is like neither true nor false: free at each place."""
        key = f"{shape(node)} #{len(self.loose)}"
        return self.loose.setdefault(key, self.z3.Bool(f"free {key}"))


def shape(node: Node) -> str:
    """Equal for equal nodes, wherever they stand."""
    value = node.value.python if node.op == "matches" else node.value
    return f"{node.op}({value!r}{''.join(',' + shape(part) for part in node.parts)})"


def _logic(parts: Parts, node: Node) -> Any:
    inner = [parts._read(part) for part in node.parts]
    return (parts.z3.And if node.op == "&&" else parts.z3.Or)(*inner)


def _choice(parts: Parts, node: Node) -> Any:
    if node.type != "bool":
        return None
    return parts.z3.If(*(parts._read(part) for part in node.parts))


def _field(parts: Parts, node: Node) -> Any:
    if node.type != "bool":
        return None
    return parts.bools.setdefault(node.value, parts.z3.Bool(node.value))


def _compared(parts: Parts, node: Node) -> Any:
    kind = node.parts[0].type
    if kind == "bool":
        left, right = (parts._read(part) for part in node.parts)
        return left == right if node.op == "==" else left != right
    if kind == "string":
        return _text_compared(parts, node)
    sides = [_number(parts, part) for part in node.parts]
    if kind not in ("int", "double") or any(side is None for side in sides):
        return None
    left, right = sides
    return {
        "==": lambda: left == right, "!=": lambda: left != right, "<": lambda: left < right,
        "<=": lambda: left <= right, ">": lambda: left > right, ">=": lambda: left >= right,
    }[node.op]()  # fmt: skip


def _text_compared(parts: Parts, node: Node) -> Any:
    if node.op not in ("==", "!="):
        return None
    left, right = node.parts
    if left.op == right.op == "literal":
        return parts.z3.BoolVal((left.value == right.value) == (node.op == "=="))
    atom = text_atom(_equal(left, right))
    if atom is None:
        return None
    return parts.text(atom) if node.op == "==" else parts.z3.Not(parts.text(atom))


def _equal(left: Node, right: Node) -> Node:
    if left.op == "literal":
        left, right = right, left
    return Node("==", "bool", left.at, right.end, (left, right))


def _number(parts: Parts, node: Node) -> Any:
    if node.op == "literal":
        if node.type == "int":
            return parts.z3.IntVal(node.value)
        top, bottom = node.value.as_integer_ratio()
        return parts.z3.Q(top, bottom)
    if node.op == "field":
        name = "size(post.text)" if node.value == "post.length" else node.value
        return parts.number(name, node.type)
    if node.op == "size" and node.parts[0].op == "field":
        return parts.number(f"size({node.parts[0].value})", "int")
    return None


def _text(parts: Parts, node: Node) -> Any:
    atom = text_atom(node)
    return None if atom is None else parts.text(atom)


def _among(parts: Parts, node: Node) -> Any:
    needle, items = node.parts
    if items.op == "field" and needle.op == "literal":
        return parts.member(items.value, needle.value)
    if items.op == "list":
        equal = [replace_op(needle, item, node) for item in items.parts]
        return parts.z3.Or(*(parts._read(one) for one in equal)) if equal else parts.z3.BoolVal(False)
    return None


def replace_op(needle: Node, item: Node, whole: Node) -> Node:
    """``needle == item`` in the place of the whole."""
    return Node("==", "bool", whole.at, whole.end, (needle, item))


def _quantified(parts: Parts, node: Node) -> Any:
    items, body = node.parts
    if items.op != "field":
        return None
    if _words_of(body, node.value) is None:
        return _of_items(parts, node) if not fields_of(body) else None
    for word in (*(_words_of(body, node.value) or ()), ELSE):
        parts.member(items.value, word)
    known = parts.members[items.value]
    tests = {word: parts._read(_put(body, node.value, word)) for word in known}
    z3 = parts.z3
    if node.op == "exists":
        return z3.Or(*(z3.And(held, tests[word]) for word, held in known.items()))
    return z3.And(*(z3.Implies(held, tests[word]) for word, held in known.items()))


def _of_items(parts: Parts, node: Node) -> Any:
    """The test of an item as one of a text: an item is a text like any other."""
    items, body = node.parts
    test = with_value(body, node.value, Node("field", "string", body.at, body.end, (), "post.text"))
    if node.op == "exists":
        return parts.item(items.value, test)
    return parts.z3.Not(parts.item(items.value, Node("!", "bool", body.at, body.end, (test,))))


def _words_of(body: Node, variable: str) -> set[str] | None:
    """Words that the variable is compared with for equality; None when it is used in any other way."""
    if body.op == "variable" and body.value == variable:
        return None
    found: set[str] = set()
    for part in body.parts:
        if part.op == "variable" and part.value == variable and body.op in ("==", "!=", "in"):
            continue
        inner = _words_of(part, variable)
        if inner is None:
            return None
        found |= inner
    if any(part.op == "variable" and part.value == variable for part in body.parts):
        written = [one for part in body.parts for one in (part.parts if part.op == "list" else (part,))]
        if not all(one.op in ("literal", "variable") for one in written):
            return None
        found |= {one.value for one in written if one.op == "literal"}
    return found


def _put(body: Node, variable: str, word: str) -> Node:
    if body.op == "variable" and body.value == variable:
        return Node("literal", "string", body.at, body.end, (), word)
    inner = tuple(_put(part, variable, word) for part in body.parts)
    return Node(body.op, body.type, body.at, body.end, inner, body.value, body.fails)


_LOGIC = ("&&", "||", "!", "?:")
_READERS: dict[str, Callable[[Parts, Node], Any]] = {
    "&&": _logic,
    "||": _logic,
    "!": lambda parts, node: parts.z3.Not(parts._read(node.parts[0])),
    "?:": _choice,
    "literal": lambda parts, node: parts.z3.BoolVal(node.value) if node.type == "bool" else None,
    "field": _field,
    "in": _among,
    "exists": _quantified,
    "all": _quantified,
    **dict.fromkeys(_COMPARED, _compared),
    **dict.fromkeys(("contains", "startsWith", "endsWith", "matches"), _text),
}

__all__ = ["ELSE", "FIELDS", "Parts", "shape"]
