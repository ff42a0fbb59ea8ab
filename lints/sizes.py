"""Files of at most 300 lines, functions of at most 40, and no drawer for odds and ends.

The file that everything lands in is what every codebase regrets first.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "stuff"}

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def faults(root: Path) -> list[str]:
    """Every file and function that is too long or vaguely named, below ``src`` and ``lints``."""
    paths = [path for top in ("src", "lints") for path in sorted((root / top).rglob("*.py"))]
    return [fault for path in paths for fault in _faults_in(path, path.relative_to(root))]


def _faults_in(path: Path, shown: Path) -> Iterator[str]:
    text = path.read_text()
    lines = len(text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{shown}: {lines} lines; a file has at most {LONGEST_FILE}"
    if {path.stem, path.parent.name} & DRAWERS:
        yield f"{shown}: a name that says nothing of what is inside"
    if "tests" not in shown.parts:
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, _Function) and _length(function) > LONGEST_FUNCTION:
                yield f"{shown}:{function.lineno}: {function.name} has {_length(function)} lines, at most {LONGEST_FUNCTION}"


def _length(function: _Function) -> int:
    """Lines from ``def`` to the end, its docstring apart."""
    docstring = ast.get_docstring(function, clean=False)
    described = len(docstring.splitlines()) if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - described
