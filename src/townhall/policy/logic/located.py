"""YAML with places: values that know their line and column, so that a refusal can point at them.

The document is composed, never constructed: no tag makes an object, anchors are refused (they could make a small document
enormous), and so is a key given twice, which YAML readers silently let win.
"""

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from townhall.kernel.errors import Refused

LARGEST = 1_000_000
"""Bytes of one document."""
DEEPEST = 32
"""Levels of one document; ours have eight. YAML's own reader goes a level down its stack for each, and falls off the end."""
LONGEST_VALUE = 64
"""Characters of a number, a truth or a date: a number by sixties takes the square of its length to read."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Located:
    """One node of a document under its field name."""

    def __init__(self, node: yaml.Node, field: str, source: str) -> None:
        self._node = node
        self._source = source
        self.field = field

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return int(self._node.start_mark.line) + 1

    def refuse(self, why: str, at: int | None = None) -> NoReturn:
        """Raises ``Refused`` with line and column: of the node, or of character ``at`` of its text."""
        index = self._node.start_mark.index if at is None else self._index_of(at)
        line = self._source.count("\n", 0, index) + 1
        column = index - (self._source.rfind("\n", 0, index) + 1) + 1
        raise Refused(f"policy line {line}, column {column}: {self.field}: {why}")

    def mapping(self, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, "Located"]:
        """Its fields. Refuses another kind of value, an unknown or repeated field, and a missing one."""
        fields: dict[str, Located] = {}
        for key, value in self.pairs():
            if known and key not in known:
                value.refuse(f"unknown field; known are {', '.join(known)}")
            fields[key] = value
        missing = [name for name in needed if name not in fields]
        if missing:
            self.refuse(f"{missing[0]} is missing")
        return fields

    def pairs(self) -> Iterator[tuple[str, "Located"]]:
        """Its keys and values. Refuses what is no mapping, and a key given twice."""
        if not isinstance(self._node, yaml.MappingNode):
            self.refuse("a mapping is needed here (name: value)")
        seen: set[str] = set()
        for key, value in self._node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            located = Located(value, f"{self.field}.{name}" if self.field else name, self._source)
            if name in seen:
                located.refuse("given twice")
            seen.add(name)
            yield name, located

    def rows(self) -> list["Located"]:
        """Its items. Refuses what is no list."""
        if not isinstance(self._node, yaml.SequenceNode):
            self.refuse("a list is needed here (lines that begin with -)")
        return [Located(item, f"{self.field}[{i}]", self._source) for i, item in enumerate(self._node.value)]

    def is_mapping(self) -> bool:
        """Whether it holds fields."""
        return isinstance(self._node, yaml.MappingNode)

    def is_list(self) -> bool:
        """Whether it holds items."""
        return isinstance(self._node, yaml.SequenceNode)

    def text(self) -> str:
        """Its text as written, which may not be empty."""
        if not isinstance(self._node, yaml.ScalarNode) or not self._node.value.strip():
            self.refuse("a text is needed here")
        return str(self._node.value)

    def value(self) -> Any:
        """A plain value: text, number, true or false, date, or a list of them."""
        if isinstance(self._node, yaml.SequenceNode):
            return [row.value() for row in self.rows()]
        if not isinstance(self._node, yaml.ScalarNode):
            self.refuse("a single value or a list is needed here")
        if self._node.tag != "tag:yaml.org,2002:str" and len(self._node.value) > LONGEST_VALUE:
            self.refuse(f"a number or date has at most {LONGEST_VALUE} characters; put a text in quotes")
        try:
            return SafeConstructor().construct_object(self._node)
        except (ConstructorError, ValueError) as error:
            self.refuse(f"not a value: {str(error).splitlines()[0]}")

    def _index_of(self, at: int) -> int:
        """Where in the source the ``at``-th character of this scalar's text stands, whatever its YAML style.

        Source and text are walked side by side: blanks match any run of blanks (folding, indentation), anything else its next
        occurrence (quotes and escapes are passed over).
        """
        index, end = self._node.start_mark.index, self._node.end_mark.index
        if getattr(self._node, "style", "") in ("|", ">"):
            index = self._source.find("\n", index) + 1
        for char in str(self._node.value)[:at]:
            index = self._after(char, index, end)
        while (
            index < end
            and self._source[index] in " \n'\""
            and str(self._node.value)[at : at + 1] not in " '\""
        ):
            index += 1
        return min(index, max(end - 1, 0))

    def _after(self, char: str, index: int, end: int) -> int:
        if not char.isspace():
            found = self._source.find(char, index, end)
            return found + 1 if found >= 0 else index
        stop = index + 1
        if "\n" in self._source[index : index + 2] or self._source[index : index + 1] == "\n":
            while stop < end and self._source[stop].isspace():
                stop += 1
        return stop


def read_located(source: str) -> Located:
    """The document's root. Raises ``Refused`` with line and column when it is not YAML."""
    if len(source) > LARGEST:
        raise Refused(f"policy: a document has at most {LARGEST:,} characters")
    try:
        _refuse_traps(source)
        node = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Refused(f"policy{place}: not YAML: {error.problem}; check indentation and quotes") from error
    except yaml.YAMLError as error:
        raise Refused(f"policy: not YAML: {error}") from error
    if node is None:
        raise Refused("policy: the document is empty")
    return Located(node, "", source)


def _refuse_traps(source: str) -> None:
    """What could make a small document enormous, or break whoever reads it: by its events, which are read one by one."""
    depth = 0
    for event in yaml.parse(source, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if anchor := getattr(event, "anchor", None):
            raise Refused(f"policy line {line}: anchors and aliases ({anchor}) are not used; write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Refused(f"policy line {line}: more than {DEEPEST} levels stand in each other here")
