"""Tests of one text against written-out words: what one of them being true says about another.

These relations are complete for ``==``, ``in``, ``contains``, ``startsWith`` and ``endsWith``: a text that respects them
can be built (``texts``). Two patterns may stand in relations that nobody looks for here; a text is tried all the same.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from townhall.policy.logic.arithmetic import lower_ascii
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.evaluate import evaluate
from townhall.policy.logic.expression import Node

METHODS = ("==", "contains", "startsWith", "endsWith", "matches")


class TextAtom(Struct, frozen=True):
    """One test of one field of type string. ``lowered``: of its small letters. ``word`` is "" for a pattern."""

    field: str
    op: str
    word: str
    lowered: bool
    node: Node

    @property
    def key(self) -> tuple[str, str, str, bool]:
        """Equal for equal tests, wherever they are written."""
        pattern = self.node.value.python if self.op == "matches" else self.word
        return (self.field, self.op, pattern, self.lowered)

    def holds(self, text: str) -> bool:
        """Whether a text passes, by the plain evaluator."""
        values: dict[str, Any] = {FIELDS[self.field][0]: text}
        return bool(evaluate(self.node, Context(**values)))


def text_atom(node: Node) -> TextAtom | None:
    """The test that a node is; None for any other node. ``==`` may have its sides the other way round."""
    if node.op not in METHODS or (node.op == "==" and node.parts[0].type != "string"):
        return None
    target = node.parts[0]
    word = node.parts[1] if len(node.parts) > 1 else None
    if node.op == "==" and target.op == "literal" and word is not None:
        target, word = word, target
    inner = target.parts[0] if target.op == "lowerAscii" else target
    if inner.op != "field" or (word is not None and word.op != "literal"):
        return None
    return TextAtom(str(inner.value), node.op, word.value if word else "", target is not inner, node)


def relations(atoms: Sequence[TextAtom]) -> Iterator[tuple[int, int, bool]]:
    """(a, b, held): whenever test a holds, test b holds or not. All tests are of one field."""
    for a, first in enumerate(atoms):
        for b, second in enumerate(atoms):
            said = None if a == b else _said(first, second)
            if said is not None:
                yield a, b, said


def never(atom: TextAtom) -> bool:
    """Whether no text passes: small letters never hold a capital."""
    return atom.lowered and atom.op != "matches" and atom.word != lower_ascii(atom.word)


def always(atom: TextAtom) -> bool:
    """Whether every text passes: each holds the empty word."""
    return atom.op in ("contains", "startsWith", "endsWith") and not atom.word


def _said(first: TextAtom, second: TextAtom) -> bool | None:
    """What ``first`` says of ``second``, None for nothing."""
    if first.op == "matches":
        return _pattern_said(first, second)
    if first.lowered and not second.lowered and any(c.isascii() and c.isalpha() for c in first.word):
        return _unlike(first, second)
    word = lower_ascii(first.word) if second.lowered else first.word
    if first.op == "==":
        return second.holds(word)
    if second.op == "matches":
        return True if _is_free(second) and second.holds(word) else None
    return _part(first.op, word, second)


def _unlike(first: TextAtom, second: TextAtom) -> bool | None:
    """Of a text known in small letters only, a test of the text as it is can at most be ruled out."""
    if second.op == "matches":
        return None
    other = replace(second, word=lower_ascii(second.word), lowered=True)
    if first.op == "==":
        return None if _plainly(other, first.word) else False
    return False if _part(first.op, first.word, other) is False else None


def _plainly(atom: TextAtom, text: str) -> bool:
    return {
        "==": text == atom.word, "contains": atom.word in text,
        "startsWith": text.startswith(atom.word), "endsWith": text.endswith(atom.word),
    }[atom.op]  # fmt: skip


def _part(op: str, word: str, second: TextAtom) -> bool | None:
    """What a text that has ``word`` in it (at its begin, at its end) says of a test for another word."""
    other = second.word
    if second.op == "contains":
        return True if other in word else None
    if op == "startsWith" and second.op in ("startsWith", "=="):
        return _edge(word, other, second.op, word.startswith(other), other.startswith(word))
    if op == "endsWith" and second.op in ("endsWith", "=="):
        return _edge(word, other, second.op, word.endswith(other), other.endswith(word))
    return False if second.op == "==" and word not in other else None


def _edge(word: str, other: str, op: str, holds_other: bool, held_by_other: bool) -> bool | None:
    if op != "==" and holds_other:
        return True
    return None if held_by_other else False


def _pattern_said(first: TextAtom, second: TextAtom) -> bool | None:
    """A pattern that needs one of some words says that each text has them."""
    words = first.node.value.words
    if not words or second.op != "contains":
        return None
    if first.lowered and not second.lowered:
        return None
    return True if all(second.word in (lower_ascii(w) if second.lowered else w) for w in words) else None


def _is_free(atom: TextAtom) -> bool:
    """Whether a pattern looks at nothing around what it matches."""
    source = atom.node.value.python
    return not any(place in source for place in ("\\b", "\\B", "\\A", "\\Z"))
