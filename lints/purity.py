"""What import contracts cannot see: a decision that calls the clock's one reader, prints, or opens a file.

``kernel.clock`` holds both the type of an instant, which decisions need, and ``system_clock``, which they may not call.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN_NAMES = {"system_clock"}
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
FORBIDDEN_METHODS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}

ESCAPES = {
    (
        "src/townhall/policy/logic",
        "exec",
    ): "a policy is compiled to Python from a grammar that knows no names",
    ("src/townhall/policy/logic", "eval"): "the same",
}
"""Where and what → why it may."""


def faults(root: Path) -> list[str]:
    """Every impure call in a ``logic`` module, or in a channel's ``parse``."""
    paths = [path for path in sorted((root / "src" / "townhall").rglob("*.py")) if _is_pure(path, root)]
    return [fault for path in paths for fault in _faults_in(path, path.relative_to(root))]


def _is_pure(path: Path, root: Path) -> bool:
    parts = path.relative_to(root / "src" / "townhall").with_suffix("").parts
    return "logic" in parts or (parts[0] == "channels" and parts[-1] == "parse")


def _faults_in(path: Path, shown: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        named = _named(node)
        if named and not any(str(shown).startswith(where) and named == what for where, what in ESCAPES):
            yield f"{shown}:{getattr(node, 'lineno', 0)}: {named} in a decision; hand the value in instead"


def _named(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
        return node.func.id
    if isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
        return node.id
    if isinstance(node, ast.alias) and node.name in FORBIDDEN_NAMES:
        return node.name
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}" if (node.value.id, node.attr) in FORBIDDEN_METHODS else ""
    return ""
