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


class Line(Struct, frozen=True):
    """A row: the words it is about (``None`` for who may not read them), who wrote them, its case (0: none), its cells."""

    words: str | None
    who: str
    case: int
    cells: list[Cell]


def shown_behind(here: Guest, zone: str, behind: Behind) -> dict[str, Any]:
    """The rows as a table for the reader, times in ``zone``: the words first for whoever may read conversations, then what
    holds for any row; ids are for programs and files. Two queries."""
    known = about(here.conn, here.asker.brand_id, behind) if here.asker.may("read_case") else None
    return in_columns(behind, handles(here), zone, here.now, known)


def handles(here: Guest) -> dict[int, str]:
    """What the brand's accounts are called, by id. One query."""
    listed = channels.channels(here.conn, here.asker.brand_id, here.now)
    return {line.account_id: f"{network(line.channel)} {line.handle}" for line in listed}


def in_columns(
    behind: Behind,
    accounts: Mapping[int, str],
    zone: str = "UTC",
    now: Instant = 0,
    known: Sequence[About | None] | None = None,
) -> dict[str, Any]:
    """The rows as a table. ``accounts`` names accounts by id, ``known`` says what each row is about."""
    places = [place for place, name in enumerate(behind.columns) if _told(name, place, behind)]
    names = [behind.columns[place] for place in places]
    right = [_numeric(name, place, behind) for name, place in zip(names, places, strict=True)]
    heads = [_head(name, f"{local(now, zone):%Z}") for name in names]
    late = _late(behind, now)
    lines = [
        Line(
            one.words if one else None if known is None else "",
            one.who if one else "",
            one.case if one else 0,
            [
                _cell(name, row[place], side, accounts, zone, now, head, late(row))
                for name, place, side, head in zip(names, places, right, heads, strict=True)
            ],
        )
        for row, one in zip(behind.rows, known or [None] * len(behind.rows), strict=True)
    ]
    return {
        "columns": list(zip(heads, right, strict=True)), "rows": lines, "cut": behind.cut, "total": behind.total,
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


def _head(name: str, zone: str) -> str:
    plain = HEADS.get(name, plainly(name.removesuffix(_MOMENT)))
    return f"{plain}, {zone}" if name.endswith(_MOMENT) else plain


def _numeric(name: str, place: int, behind: Behind) -> bool:
    if name in WORDS or name == "account_id":
        return False
    numbers = bool(behind.rows) and all(isinstance(row[place], int | float) for row in behind.rows)
    return name.endswith(_MOMENT) or numbers


def _cell(
    name: str,
    value: Any,
    right: bool,
    accounts: Mapping[int, str],
    zone: str,
    now: Instant,
    head: str,
    late: bool,
) -> Cell:
    if name == "account_id":
        return Cell(accounts.get(value, "an account that is gone"), head=head)
    return Cell(told_short(name, value, zone, now), right, late and name == "due_at", head)


def told_short(name: str, value: Any, zone: str = "UTC", now: Instant = 0) -> str:
    """A value of a column as a person reads it: a moment to the second, with its zone only where that differs from the head's."""
    if value is None or value == "":
        return "–"
    if name.endswith(_MOMENT):
        if not value:
            return "–"
        at = local(value, zone)
        other = f" {at:%Z}" if f"{at:%Z}" != f"{local(now, zone):%Z}" else ""
        return f"{at:%Y-%m-%d %H:%M:%S}{other}"
    if name in WORDS:
        return WORDS[name].get(value, plainly(str(value)))
    if name in ("metric", "cause", "why"):
        return plainly(str(value))
    return percent(value) if name == "certainty" else str(value)
