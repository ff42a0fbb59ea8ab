"""Binary ``COPY`` of plain tuples: one packer a table, generated once, because a row costs what its packing costs.

Columns are named with a small set of kinds: ``i8 i4 i2 bool f4 time uuid text word bytes text[] jsonb``; a ``?`` at
the end says that ``None`` may stand there. ``word`` is a text of few different values, packed once; name such columns
side by side, and fixed ones too, for each such run is packed by one call. ``time`` takes an ``Instant`` (microseconds since 1970, UTC), ``uuid`` 16
bytes, ``jsonb`` and ``bytes`` the encoded bytes. Format: PostgreSQL documentation, COPY, "Binary Format".
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from psycopg import Connection, sql

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_SINCE_2000 = 946_684_800_000_000
_FIXED = {
    "i8": ("q", 8),
    "i4": ("i", 4),
    "i2": ("h", 2),
    "bool": ("?", 1),
    "f4": ("f", 4),
    "time": ("q", 8),
    "uuid": ("16s", 16),
}
_NULL = struct.pack(">i", -1)

Row = Sequence[Any]


class CopyInto:
    """``COPY table (columns) FROM STDIN`` for rows of the given kinds.

    >>> CopyInto("identity", id="i8", handle="text")  # doctest: +SKIP
    """

    def __init__(self, table: str, **columns: str) -> None:
        self.table = table
        self._statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        self._pack = _packer(list(columns.values()))

    def write(self, connection: Connection[Any], rows: Iterable[Row]) -> None:
        """Sends the rows in one message. Raises the server's error (a duplicate key, for one) at the end."""
        body = self._pack(rows)
        if len(body) == 0:
            return
        with connection.cursor() as cursor, cursor.copy(self._statement) as copy:
            copy.write(_HEADER + body + _TRAILER)


def _packer(kinds: Sequence[str]) -> Callable[[Iterable[Row]], bytes]:
    """Compiles a function that packs rows: runs of fixed fields become one ``struct`` call."""
    parts: list[str] = []
    names = [f"c{n}" for n in range(len(kinds))]
    scope: dict[str, Any] = {"null": _NULL, "array": _text_array, "size": struct.Struct(">i").pack}
    run: list[tuple[str, str]] = [("h", str(len(kinds)))]
    for kind, group in groupby(zip(names, kinds, strict=True), key=lambda column: column[1]):
        columns = [name for name, _ in group]
        if kind in _FIXED:
            for name in columns:
                run += [("i", str(_FIXED[kind][1])), (_FIXED[kind][0], _value(name, kind))]
            continue
        _flush(run, parts, scope)
        if kind == "word" and len(columns) > 1:
            scope["words"] = _Phrases()
            parts.append(f"words[{', '.join(columns)}]")
        else:
            parts += [_variable(name, kind, scope) for name in columns]
    _flush(run, parts, scope)
    source = (
        "def pack(rows):\n    out = []\n    add = out.extend\n"
        f"    for {', '.join(names)}, in rows:\n        add(({', '.join(parts)},))\n    return b''.join(out)\n"
    )
    exec(compile(source, "<copy>", "exec"), scope)  # noqa: S102 - generated from the kinds above, never from input
    return scope["pack"]  # type: ignore[no-any-return]


def _value(name: str, kind: str) -> str:
    return f"{name} - {_SINCE_2000}" if kind == "time" else name


def _flush(run: list[tuple[str, str]], parts: list[str], scope: dict[str, Any]) -> None:
    if not run:
        return
    pack = f"run{len(scope)}"
    scope[pack] = struct.Struct(">" + "".join(code for code, _ in run)).pack
    parts.append(f"{pack}({', '.join(value for _, value in run)})")
    run.clear()


def _variable(name: str, kind: str, scope: dict[str, Any]) -> str:
    if kind.endswith("?"):
        return f"(null if {name} is None else {_present(name, kind[:-1], scope)})"
    return _present(name, kind, scope)


def _present(name: str, kind: str, scope: dict[str, Any]) -> str:
    """The bytes of one column, or two parts side by side where that saves a call."""
    if kind in _FIXED:
        code, size = _FIXED[kind]
        scope[f"one_{code}"] = struct.Struct(f">i{code}").pack
        return f"one_{code}({size}, {_value(name, kind)})"
    if kind == "text":
        return f"size(len(raw_{name} := {name}.encode())), raw_{name}"
    scope.update(word=_Words(), plain=_bytes, json=_jsonb)
    packers = {"bytes": "plain", "jsonb": "json", "text[]": "array"}
    return f"word[{name}]" if kind == "word" else f"{packers[kind]}({name})"


class _Words(dict[str, bytes]):
    """Texts that come again and again, packed."""

    def __missing__(self, value: str) -> bytes:
        if len(self) > 10_000:
            self.clear()
        packed = self[value] = _text(value)
        return packed


class _Phrases(dict[tuple[str, ...], bytes]):
    """Neighbouring words that come together again and again, packed."""

    def __missing__(self, values: tuple[str, ...]) -> bytes:
        if len(self) > 10_000:
            self.clear()
        packed = self[values] = b"".join(map(_text, values))
        return packed


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(4, "big") + raw


def _bytes(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def _jsonb(raw: bytes) -> bytes:
    return (len(raw) + 1).to_bytes(4, "big") + b"\x01" + raw


_TEXT_OID = 25
_elements = _Words()
_EMPTY = struct.pack(">iiii", 12, 0, 0, _TEXT_OID)
_ARRAY_HEAD = struct.Struct(">iiiiii").pack


def _text_array(values: Sequence[str]) -> bytes:
    if not values:
        return _EMPTY
    body = b"".join(map(_elements.__getitem__, values))
    return _ARRAY_HEAD(20 + len(body), 1, 0, _TEXT_OID, len(values), 1) + body
