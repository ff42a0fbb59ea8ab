"""Other values that one fact about a post might have had: near what it is, near what conditions speak of, and possible."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from townhall.policy.logic.context import BOUNDS, FIELDS, FREE, Context
from townhall.policy.logic.expression import Node, fields_of
from townhall.policy.logic.pattern import SafePattern
from townhall.policy.logic.rule import Policy

_STEP = 0.01
_CLOSED: dict[str, tuple[str, ...]] = {
    "post.visibility": ("public", "unlisted", "followers", "direct"),
    "channel.kind": ("mastodon", "x", "webhook", "activitystreams"),
}
"""Fields that are one of a few words, whatever a condition compares them with."""
_LABELS = {
    "post.language": ("und", "en", "de", "fr"), "post.intent": ("unsure", "other", "something_else"),
    "author.tier": ("", "other"), "brand.slug": ("other", "another"), "channel.account": ("other", "another"),
}  # fmt: skip
"""Fields that hold one whole word, with words to be something else by."""
_ELSE = ("", "other", "something else")
_MOST = 4_000
"""Values of one field that are tried: a few milliseconds."""


def alternatives(policy: Policy, path: str, context: Context) -> list[Any]:
    """Other values of a field, the nearest first; each within what the field can be."""
    name, type_ = FIELDS[path]
    now = getattr(context, name)
    if type_ == "bool":
        return [not now]
    if path in _CLOSED:
        return [word for word in _CLOSED[path] if word != now]
    tests = [list(_tests(rule.condition, path)) for rule in policy.rules]
    tests = [atoms for atoms in tests if atoms]
    if type_ in ("int", "double"):
        found = _numbers(path, type_, now, [atom for atoms in tests for atom in atoms], context)
    elif path in _LABELS:
        words = [word for atoms in tests for atom in atoms for word in _words(atom)]
        found = [*words, *(word for word in _LABELS[path] if tests and word not in words)]
    elif type_ == "string":
        found = _texts(now, tests)
    else:
        found = _lists(now, tests)
    return [value for value in dict.fromkeys(found) if value != now][:_MOST]


def _numbers(path: str, type_: str, now: float, atoms: list[Node], context: Context) -> Iterable[Any]:
    """At, just beside and between all that it is compared with, and its ends: where comparisons can turn."""
    if not atoms:
        return []
    low, high = BOUNDS.get(path, FREE)
    others = {getattr(context, FIELDS[field][0]) for atom in atoms for field in fields_of(atom) - {path}}
    marks = {value for atom in atoms for value in _literals(atom)} | others
    ends = [low, high] if path in BOUNDS else [low]
    numbers = sorted({*ends, *(one for one in marks if _is_number(one))})
    step = 1 if type_ == "int" else _STEP
    near = [value for one in numbers for value in (one, one - step, one + step)]
    between = [(a + b) / 2 for a, b in pairwise(numbers)]
    kind = int if type_ == "int" else float
    tried = {kind(round(one, 6)) for one in (*near, *between) if low <= one <= high}
    return sorted(tried, key=lambda one: (abs(one - now), one))


def _texts(now: str, tests: list[list[Node]]) -> Iterator[str]:
    """With a word more or less; then with all that a rule speaks of, and without; then another text altogether."""
    rules = [[*dict.fromkeys(word for atom in atoms for word in _words(atom))] for atoms in tests]
    patterns = [atom for atoms in tests for node in atoms for atom in _patterns(node)]
    words = [*dict.fromkeys(word for known in rules for word in known)]
    for word in words:
        yield from (_joined(now, word), _joined(word, now))
    for word in words:
        yield without(now, [word])
    for pattern in patterns:
        yield re.sub(pattern.python, "", now)
        yield from (_joined(now, sample) for sample in pattern.samples)
        yield from pattern.samples
    for known in rules:
        yield _joined(now, " ".join(word for word in known if word.lower() not in now.lower()))
        yield without(now, known)
    yield from (*words, *(word for word in _ELSE if word not in words))


def _lists(now: tuple[str, ...], tests: list[list[Node]]) -> Iterator[tuple[str, ...]]:
    """With one word more, with one less, and none."""
    atoms = [atom for known in tests for atom in known]
    spoken = [*dict.fromkeys(word for atom in atoms for word in _words(atom))]
    spoken += [" ".join(words) for atom in atoms if len(words := [*dict.fromkeys(_words(atom))]) > 1]
    spoken += [sample for atom in atoms for pattern in _patterns(atom) for sample in pattern.samples]
    yield from ((*now, word) for word in spoken if word not in now)
    yield from (tuple(one for one in now if one != word) for word in now)
    if atoms:
        yield ()
        yield (*now, "something else")


def without(text: str, words: list[str]) -> str:
    """The text with these words taken out, in whatever letters they stand."""
    for word in words:
        while word and re.search(re.escape(word), text, re.IGNORECASE):
            text = re.sub(re.escape(word), "", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def _joined(first: str, second: str) -> str:
    return f"{first} {second}".strip()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _tests(node: Node, path: str) -> Iterator[Node]:
    """The smallest true-or-false parts that speak of the field."""
    if node.op in ("&&", "||", "!", "?:"):
        for part in node.parts:
            yield from _tests(part, path)
    elif path in fields_of(node):
        yield node


def _words(node: Node) -> Iterator[str]:
    return (value for value in _literals(node) if isinstance(value, str) and value)


def _literals(node: Node) -> Iterator[Any]:
    if node.op == "literal":
        yield node.value
    for part in node.parts:
        yield from _literals(part)


def _patterns(node: Node) -> Iterator[SafePattern]:
    if node.op == "matches":
        yield node.value
    for part in node.parts:
        yield from _patterns(part)
