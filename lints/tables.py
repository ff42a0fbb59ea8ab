"""A table has one owning room, and only that room's code names it in SQL.

The room whose migration makes a table owns it. ``desk`` may read all and write none. What a trigger or a function of
one room does to another's table stands in the owner's migration, or is named below.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_MADE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?([a-z_][a-z0-9_]*)(?! PARTITION OF)\b", re.IGNORECASE)
_PART = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?[a-z0-9_]+ PARTITION OF ([a-z_]+)", re.IGNORECASE)
_USED = re.compile(
    r"\b(FROM|JOIN|INSERT INTO|INTO|UPDATE|COPY|TRUNCATE(?: TABLE)?|ALTER TABLE|LOCK TABLE)\s+(?:ONLY\s+)?([a-z_][a-z0-9_]*)\b"
)
_READS = {"FROM", "JOIN"}
_SQL = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|COPY|WITH|TRUNCATE|ALTER|LOCK|FROM)\b")

READERS = {"desk"}
"""Rooms that may read every table."""

ESCAPES: dict[tuple[str, str], str] = {
    ("web/health.py", "townhall_schema"): "readiness means that the migrations of run are there",
    (
        "archive/migrations/0001_search.py",
        "identity",
    ): "search is one function, and it finds people by handle too",
    ("run/bench", "*"): "a benchmark fills and counts what it measures",
}
"""File (or folder) and table → why it may."""


def faults(root: Path) -> list[str]:
    """Every use of a table by a room that does not own it, and every table that two rooms make."""
    source = root / "src" / "townhall"
    owners, twice = _owners(source)
    uses = [use for path in sorted(source.rglob("*.py")) for use in _uses(path, source, owners)]
    return [*twice, *uses]


def _owners(source: Path) -> tuple[dict[str, str], list[str]]:
    makers: dict[str, list[str]] = {}
    for path in sorted(source.rglob("*.py")):
        for sql in _texts(path):
            for table in _MADE.findall(_PART.sub("", sql)):
                makers.setdefault(table, []).append(path.relative_to(source).parts[0])
    twice = [
        f"table {name} is made by {', '.join(rooms)}" for name, rooms in makers.items() if len(set(rooms)) > 1
    ]
    return {name: rooms[0] for name, rooms in makers.items()}, twice


def _uses(path: Path, source: Path, owners: dict[str, str]) -> Iterator[str]:
    shown = path.relative_to(source)
    room = shown.parts[0]
    for sql in _texts(path):
        if not _SQL.search(sql):
            continue
        for verb, table in _USED.findall(sql):
            owner = owners.get(table, room)
            if owner == room or _may(room, verb, sql, table) or _escaped(str(shown), table):
                continue
            yield f"src/townhall/{shown}: {verb} {table}, which {owner} owns; ask {owner}'s store"


def _may(room: str, verb: str, sql: str, table: str) -> bool:
    deleting = re.search(rf"DELETE FROM\s+(?:ONLY\s+)?{table}\b", sql)
    return room in READERS and verb in _READS and not deleting


def _escaped(shown: str, table: str) -> bool:
    return any(shown.startswith(where) and what in (table, "*") for where, what in ESCAPES)


def _texts(path: Path) -> Iterator[str]:
    """Every string of a file that is not a docstring, f-strings with a gap for each value."""
    tree = ast.parse(path.read_text())
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in described | inside
        ):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else " {} " for part in node.values)
            yield "".join(str(part) for part in parts)
