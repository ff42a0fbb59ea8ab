"""Rows behind figures as a table that people read: the words it is about first, the zone of times once in the head, numbers
to the right; ids are in the file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from townhall.desk import channels
from townhall.desk.behind_words import About, about
from townhall.desk.figures import FILE_ROWS, Behind
from townhall.kernel.clock import Instant
from townhall.policy.logic.vocabulary import FEELINGS
from townhall.web.pages.brand import Guest
from townhall.web.pages.label_words import percent
from townhall.web.pages.words import local, network, plainly

HEADS = {
    "metric": "Promise",
    "started_at": "Began",
    "due_at": "Due",
    "satisfied_at": "Kept",
    "cancelled_at": "Dropped",
    "cause": "Why",
    "why": "Held because",
    "direction": "Who wrote",
    "sentiment": "Feeling",
    "certainty": "Sure",
    "account_id": "Account",
    "expires_at": "Needs a new time from",
}
"""Column → what people call it; any other is its own name, read aloud."""
WORDS: dict[str, Mapping[Any, str]] = {
    "direction": {"in": "A customer", "out": "Us"},
    "sentiment": FEELINGS,
}
_MOMENT = "_at"


class Cell(Struct, frozen=True):
    """What a cell says; ``right`` for figures; ``missed`` where a promise fell due and nobody has kept it; ``head`` over it."""

    text: str
    right: bool = False
    missed: bool = False
    head: str = ""


class Column(Struct, frozen=True):
    """A column that people are shown: its name and place in the rows, what stands over it, and whether it holds figures."""

    name: str
    place: int
    head: str
    right: bool


class Line(Struct, frozen=True):
    """A row: what it is about (without words where nothing is known, and for who may not read them), and its cells."""

    about: About
    cells: list[Cell]


class Look(Struct, frozen=True):
    """Who looks: what the brand's accounts are called by id, the zone of times, and now."""

    accounts: Mapping[int, str]
    zone: str
    now: Instant


_UNKNOWN = About("", "", 0)


def shown_behind(here: Guest, zone: str, behind: Behind) -> dict[str, Any]:
    """The rows as a table for the reader, times in ``zone``: the words first for whoever may read conversations, then what
    holds for any row; ids are for programs and files. Two queries."""
    known = about(here.conn, here.asker.brand_id, behind) if here.asker.may("read_case") else None
    return in_columns(behind, Look(handles(here), zone, here.now), known)


def handles(here: Guest) -> dict[int, str]:
    """What the brand's accounts are called, by id. One query."""
    listed = channels.channels(here.conn, here.asker.brand_id, here.now)
    return {line.account_id: f"{network(line.channel)} {line.handle}" for line in listed}


def in_columns(behind: Behind, look: Look, known: Sequence[About | None] | None = None) -> dict[str, Any]:
    """The rows as a table. ``known`` says what each row is about."""
    columns = [
        Column(name, place, _head(name, look), _numeric(name, place, behind))
        for place, name in enumerate(behind.columns)
        if _told(name, place, behind)
    ]
    late = _late(behind, look.now)
    lines = [
        Line(one or _UNKNOWN, [_cell(column, row[column.place], late(row), look) for column in columns])
        for row, one in zip(behind.rows, known or [None] * len(behind.rows), strict=True)
    ]
    return {
        "columns": columns, "rows": lines, "cut": behind.cut, "total": behind.total,
        "worded": known is not None, "file": FILE_ROWS if behind.total > FILE_ROWS else 0,
    }  # fmt: skip


def _told(name: str, place: int, behind: Behind) -> bool:
    """Whether a person wants the column: no ids, and none that is empty in every row."""
    is_id = name == "id" or (name.endswith("_id") and name != "account_id")
    return not is_id and (not behind.rows or any(row[place] not in (None, "") for row in behind.rows))


def _late(behind: Behind, now: Instant) -> Callable[[tuple[Any, ...]], bool]:
    """Of rows of promises: whether that one fell due and nobody has kept it or called it off."""
    if not {"due_at", "satisfied_at", "cancelled_at"} <= set(behind.columns):
        return lambda _: False
    due, kept, off = (behind.columns.index(name) for name in ("due_at", "satisfied_at", "cancelled_at"))
    return lambda row: bool(row[due] and row[due] < now and not row[kept] and not row[off])


def _head(name: str, look: Look) -> str:
    plain = HEADS.get(name, plainly(name.removesuffix(_MOMENT)))
    return f"{plain}, {local(look.now, look.zone):%Z}" if name.endswith(_MOMENT) else plain


def _numeric(name: str, place: int, behind: Behind) -> bool:
    if name in WORDS or name == "account_id":
        return False
    numbers = bool(behind.rows) and all(isinstance(row[place], int | float) for row in behind.rows)
    return name.endswith(_MOMENT) or numbers


def _cell(column: Column, value: Any, late: bool, look: Look) -> Cell:
    if column.name == "account_id":
        return Cell(look.accounts.get(value, "an account that is gone"), head=column.head)
    missed = late and column.name == "due_at"
    return Cell(_told_short(column.name, value, look), column.right, missed, column.head)


def _told_short(name: str, value: Any, look: Look) -> str:
    """A value of a column as a person reads it: a moment to the second, with its zone only where that differs from the head's."""
    if value in (None, ""):
        return "–"
    if name.endswith(_MOMENT):
        return _second(value, look) if value else "–"
    if name in WORDS:
        return WORDS[name].get(value, plainly(str(value)))
    if name in ("metric", "cause", "why"):
        return plainly(str(value))
    return percent(value) if name == "certainty" else str(value)


def _second(at: Instant, look: Look) -> str:
    told = local(at, look.zone)
    other = f" {told:%Z}" if f"{told:%Z}" != f"{local(look.now, look.zone):%Z}" else ""
    return f"{told:%Y-%m-%d %H:%M:%S}{other}"
