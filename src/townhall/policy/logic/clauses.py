"""Conditions taken apart into plain statements: what has to be so, and whether all of it or any.

A statement reads without knowing how conditions are written: no brackets, names of fields, or patterns. Denials are
carried down to the statements ("not both" becomes "either is not so"). What has no words of its own is said to be a test
of its own, and the condition as it was written stands beside. But for such tests, what reads the same is the same.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from townhall.policy.logic import vocabulary as words
from townhall.policy.logic.expression import Node, fields_of
from townhall.policy.logic.pattern_words import pattern_words
from townhall.policy.logic.proof.formula import shape

FEW = 3
"""Words of a list that are said where a page has room for a few only."""

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_TESTS = ("contains", "startsWith", "endsWith")
_VERBS = {
    "contains": ("contains", "does not contain"),
    "startsWith": ("begins with", "does not begin with"),
    "endsWith": ("ends with", "does not end with"),
}


class Clause(Struct, frozen=True):
    """A statement in ``words``, or several in ``parts`` of which ``all`` or ``any`` have to hold (``joint``).

    ``test`` tells tests of their own apart, whose words do not.
    """

    words: str = ""
    joint: str = ""
    parts: tuple["Clause", ...] = ()
    test: str = ""


def clause_of(node: Node, denied: bool = False, most: int = 0) -> Clause:
    """A condition, or what denies it, as statements. ``most``: words of a list that are said, 0 for all."""
    return _Reader(most).clause(node, denied)


def own_tests(clause: Clause) -> frozenset[str]:
    """The tests of their own in a clause, told apart by what is tested."""
    own = frozenset({clause.test} if clause.test else ())
    return own.union(*(own_tests(part) for part in clause.parts))


class _Reader:
    """Says conditions; ``most`` bounds the lists in them."""

    def __init__(self, most: int) -> None:
        self._most = most

    def clause(self, node: Node, denied: bool) -> Clause:
        if node.op == "!":
            return self.clause(node.parts[0], not denied)
        if node.op in ("&&", "||"):
            parts = (self.clause(part, denied) for part in node.parts)
            return _joined("all" if (node.op == "&&") != denied else "any", parts)
        if node.op == "?:":
            test, then, other = node.parts
            ways = ((test, False, then), (test, True, other))
            pairs = (_joined("all", (self.clause(t, no), self.clause(so, denied))) for t, no, so in ways)
            return _joined("any", pairs)
        if node.op in ("==", "!=") and node.parts[0].type == "bool":
            left, right = node.parts
            same = (node.op == "==") != denied
            pairs = (
                _joined("all", (self.clause(left, no), self.clause(right, no == same)))
                for no in (False, True)
            )
            return _joined("any", pairs)
        said = self._statement(node, denied)
        return Clause(said) if said else Clause(_own(node, denied), test=shape(node))

    def _statement(self, node: Node, denied: bool) -> str:
        """One statement, "" where there are no words for it."""
        if node.op == "field":
            return words.statement(node.value, denied)
        if node.op == "literal":
            return "always" if node.value != denied else "never"
        if node.op in _OPPOSITE:
            return self._compared(_OPPOSITE[node.op] if denied else node.op, *node.parts)
        if node.op in _TESTS:
            return self._tested(node, (node.parts[1],), denied, "")
        if node.op == "matches":
            return self._matched(node, denied)
        if node.op == "in":
            return self._among(node, denied)
        if node.op in ("exists", "all"):
            return self._each(node, denied)
        return ""

    def _compared(self, op: str, left: Node, right: Node) -> str:
        if left.op == "literal" and right.op != "literal":
            left, right, op = right, left, _TURNED[op]
        if left.op == "field" and right.op == "literal":
            own = words.special(left.value, op, right.value)
            if own:
                return own
        exactly: str | None = ""
        if op in ("==", "!=") and left.type == "string" and right.op == "literal":
            left, exactly = _text_of(left), _named(left, (right.value,))
        nouns = (_noun(left), _noun(right))
        said = all(nouns) and exactly is not None
        return f"{nouns[0]} {words.compared(op, left.type)} {nouns[1]}{exactly}" if said else ""

    def _tested(self, node: Node, texts: tuple[Node, ...], denied: bool, which: str) -> str:
        """A look for words in a text. ``which``: ``any`` or ``all`` of several."""
        target, said = node.parts[0], _texts(texts)
        noun, exactly = _noun(_text_of(target)), _as_written(target, said or ())
        if not noun or said is None or exactly is None:
            return ""
        verb = _VERBS[node.op][denied]
        if not which:
            return f"{noun} {verb} {words.quoted(said[0])}{exactly}"
        listed = self._listed([words.quoted(one) for one in said], "or" if which == "any" else "and")
        if denied:
            lead = "none of" if which == "any" else "not all of"
            return f"{noun} {_VERBS[node.op][False]} {lead}: {listed}{exactly}"
        return f"{noun} {verb} {which} of: {listed}{exactly}"

    def _matched(self, node: Node, denied: bool) -> str:
        target, pattern = node.parts[0], node.value
        noun, found = _noun(_text_of(target)), pattern_words(pattern)
        if not noun or not found:
            return ""
        (one, many), texts = found
        exactly = "" if pattern.source.startswith("(?i)") else _as_written(target, texts)
        if exactly is None:
            return ""
        if len(texts) == 1:
            return f"{noun} {one[denied]} {words.quoted(texts[0])}{exactly}"
        listed = self._listed([words.quoted(text) for text in texts], "or")
        return f"{noun} {many[denied]}: {listed}{exactly}"

    def _among(self, node: Node, denied: bool) -> str:
        needle, items = node.parts
        if items.op == "field" and needle.op == "literal":
            return words.found(items.value, (needle.value,), "any", denied, self._listed)
        noun, values = _noun(_text_of(needle)), _values(items)
        if not noun or values is None:
            return ""
        if not values:
            return "always" if denied else "never"
        path = needle.value if needle.op == "field" else ""
        exactly = _named(needle, values) if needle.type == "string" else ""
        said = self._listed([words.value_of(path, one) for one in values], "or")
        return "" if exactly is None else words.is_among(path, noun, said, denied) + exactly

    def _each(self, node: Node, denied: bool) -> str:
        items, body = node.parts
        which = "any" if node.op == "exists" else "all"
        if items.op == "list" and body.op in _TESTS and _is(body.parts[1], node.value):
            if not _names(body.parts[0], node.value) and _values(items):
                return self._tested(body, items.parts, denied, which)
            return ""
        if items.op != "field":
            return ""
        if body.op == "in" and _is(body.parts[0], node.value):
            values = _values(body.parts[1])
            return (
                words.found(items.value, tuple(map(str, values)), which, denied, self._listed)
                if values
                else ""
            )
        if body.op == "==" and _is(body.parts[0], node.value) and body.parts[1].op == "literal":
            return words.found(items.value, (str(body.parts[1].value),), which, denied, self._listed)
        return self._marked(node, denied) if node.op == "exists" and items.value == "post.signs" else ""

    def _marked(self, node: Node, denied: bool) -> str:
        """Signs are looked at by what they begin with and by words in them."""
        found = _sign(node.parts[1], node.value)
        if found is None or not (found[0] or found[1]):
            return ""
        group, texts = found
        not_ = " not" if denied else ""
        if not texts:
            return f"the post is{not_} marked as {group}"
        listed = self._listed([text if text.isalpha() else words.quoted(text) for text in texts], "or")
        if not group:
            return f"{'no' if denied else 'a'} sign in the post says {listed}"
        return f"the {group} in the post is{not_} marked as {listed}"

    def _listed(self, said: list[str], joint: str) -> str:
        """Several in a row, with how many more there are where not all are said."""
        if self._most and len(said) > self._most + 1:
            shown, left = said[: self._most], len(said) - self._most
            return f"{', '.join(shown)} {joint} {left} more"
        return words.listed(said, joint)


def _joined(joint: str, parts: Iterator[Clause] | tuple[Clause, ...]) -> Clause:
    """Statements together; those of the same kind inside come out flat."""
    flat: list[Clause] = []
    for part in parts:
        flat.extend(part.parts if part.joint == joint else (part,))
    single = tuple(dict.fromkeys(flat))
    return single[0] if len(single) == 1 else Clause("", joint, single)


def _own(node: Node, denied: bool) -> str:
    """What has no words: said to be there, with what it is about."""
    about = words.listed(sorted(words.noun(path) for path in fields_of(node)), "and") or "fixed values"
    return f"a test of its own about {about} {'fails' if denied else 'holds'}"


def _noun(node: Node) -> str:
    """A value as a noun, "" where it has none."""
    if node.op == "field":
        return words.noun(node.value)
    if node.op == "literal":
        return words.quoted(node.value) if node.type == "string" else repr(node.value)
    if node.op == "size" and node.parts[0].op == "field":
        return f"the length of {_noun(node.parts[0])}"
    if node.op == "neg" and node.parts[0].op == "literal":
        return f"-{node.parts[0].value!r}"
    return ""


def _text_of(node: Node) -> Node:
    """A text without the step to small letters."""
    return node.parts[0] if node.op == "lowerAscii" else node


def _as_written(target: Node, texts: Iterable[str]) -> str | None:
    """Said where capitals matter: otherwise words are looked for however they are written. None where capitals are looked
    for among small letters, which finds nothing."""
    cased = {char for text in texts for char in text if char.lower() != char.upper()}
    if target.op != "lowerAscii":
        return ", in just these capitals" if cased else ""
    if any("A" <= char <= "Z" for char in cased):
        return None
    return ", letters beyond a to z in just these capitals" if any(char > "z" for char in cased) else ""


def _named(target: Node, texts: Iterable[object]) -> str | None:
    """The same of a whole text. Names that no customer writes stand in their own letters, and that is not said."""
    if target.op == "field" and target.value not in words.WRITTEN:
        return ""
    if target.op == "lowerAscii" and target.parts[0].value not in words.WRITTEN:
        return None
    return _as_written(target, map(str, texts))


def _texts(nodes: tuple[Node, ...]) -> tuple[str, ...] | None:
    return (
        tuple(node.value for node in nodes) if nodes and all(node.op == "literal" for node in nodes) else None
    )


def _values(items: Node) -> tuple[object, ...] | None:
    if items.op != "list" or not all(part.op == "literal" for part in items.parts):
        return None
    return tuple(part.value for part in items.parts)


def _sign(node: Node, variable: str) -> tuple[str, tuple[str, ...]] | None:
    """The group that a sign is of and the words one of which it has to have; None for another question."""
    if node.op in _TESTS and _is(node.parts[0], variable) and node.parts[1].op == "literal":
        text = node.parts[1].value
        if node.op == "contains":
            return "", (text,)
        group = text.removesuffix(":")
        return (group, ()) if node.op == "startsWith" and text == f"{group}:" and group.isalpha() else None
    found = [_sign(part, variable) for part in node.parts] if node.op in ("&&", "||") else []
    if not found or any(one is None for one in found):
        return None
    groups = [one[0] for one in found if one and one[0]]
    lists = [one[1] for one in found if one and one[1]]
    if node.op == "||":
        return None if groups else ("", tuple(text for texts in lists for text in texts))
    return ("".join(groups), lists[0] if lists else ()) if len(groups) < 2 and len(lists) < 2 else None


def _is(node: Node, variable: str) -> bool:
    return node.op == "variable" and node.value == variable


def _names(node: Node, variable: str) -> bool:
    return _is(node, variable) or any(_names(part, variable) for part in node.parts)
