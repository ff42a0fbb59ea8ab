"""Which rules a post can match at all: each rule is looked at only where one of its keys is there.

A key is a word that has to be in the text (a bit of the post's mark, see ``scan``), or a value that a field has to have. Of
``&&`` one part with keys is enough, of ``||`` every part must have some; a rule without keys is looked at for every post.
What a key says is necessary, never sufficient: the whole condition is tried after it.
"""

from collections.abc import Iterable, Mapping

from townhall.policy.logic.expression import Node

Key = tuple[str, str | int]
"""("", bit of a mark), or (CEL name of a text field, its value)."""

_MANY = 40
"""More keys than this are no help: the rule is looked at for every post."""


def keys_of(node: Node, bits: Mapping[int, int]) -> frozenset[Key] | None:
    """The keys one of which every post that matches must have; None when nothing is known. ``bits`` maps the ``id`` of a
    node that looks for words to the bit of the mark that it is guarded by."""
    bit = bits.get(id(node))
    if bit is not None:
        return frozenset({("", bit)})
    if node.op == "&&":
        return _cheapest(keys_of(part, bits) for part in node.parts)
    if node.op == "||":
        return _all(keys_of(part, bits) for part in node.parts)
    if node.op == "==" and node.type == "bool":
        return _equal(node.parts[0], (node.parts[1],)) or _equal(node.parts[1], (node.parts[0],))
    if node.op == "in" and node.parts[1].op == "list":
        return _equal(node.parts[0], node.parts[1].parts)
    return None


def _equal(field: Node, values: tuple[Node, ...]) -> frozenset[Key] | None:
    if field.op != "field" or field.type != "string" or any(value.op != "literal" for value in values):
        return None
    return frozenset((str(field.value), value.value) for value in values)


def _cheapest(offers: Iterable[frozenset[Key] | None]) -> frozenset[Key] | None:
    """Words before values, because fewer posts have them; then the fewest."""
    known = [keys for keys in offers if keys is not None]
    return min(known, key=lambda keys: (any(name for name, _ in keys), len(keys)), default=None)


def _all(offers: Iterable[frozenset[Key] | None]) -> frozenset[Key] | None:
    found: set[Key] = set()
    for keys in offers:
        if keys is None:
            return None
        found |= keys
    return frozenset(found) if len(found) <= _MANY else None
