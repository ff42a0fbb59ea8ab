"""Rows behind figures as a table that people read: what it is first and in words, the zone of times once in the head,
numbers to the right, ids last."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from townhall.desk import channels
from townhall.desk.figures import Behind
from townhall.kernel.clock import to_datetime
from townhall.web.pages.brand import Guest
from townhall.web.pages.words import network, plainly

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
    "certainty": "Sure, 0 to 1",
    "account_id": "Account",
    "case_id": "Case",
    "thread_id": "Thread",
    "id": "Number",
    "expires_at": "Needs a new time from",
}
"""Column → what people call it; any other is its own name, read aloud."""
WORDS: dict[str, dict[Any, str]] = {
    "direction": {"in": "A customer", "out": "Us"},
    "sentiment": {-1: "negative", 0: "neutral", 1: "positive"},
}
_MOMENT = "_at"


class Cell(Struct, frozen=True):
    """What a cell says; ``right`` for figures, ``url`` where it leads ("" for nowhere)."""

    text: str
    right: bool = False
    url: str = ""


def handles(here: Guest) -> dict[int, str]:
    """What the brand's accounts are called, by id. One query."""
    listed = channels.channels(here.conn, here.asker.brand_id, here.now)
    return {line.account_id: f"{network(line.channel)} {line.handle}" for line in listed}


def in_columns(behind: Behind, accounts: Mapping[int, str]) -> dict[str, Any]:
    """The rows as a table. ``accounts`` names accounts by id."""
    order = sorted(range(len(behind.columns)), key=lambda place: _is_id(behind.columns[place]))
    names = [behind.columns[place] for place in order]
    right = [_numeric(name, place, behind) for name, place in zip(names, order, strict=True)]
    rows = [
        [
            _cell(name, row[place], side, accounts)
            for name, place, side in zip(names, order, right, strict=True)
        ]
        for row in behind.rows
    ]
    return {"columns": list(zip(map(_head, names), right, strict=True)), "rows": rows, "cut": behind.cut}


def _is_id(name: str) -> bool:
    return name == "id" or (name.endswith("_id") and name != "account_id")


def _head(name: str) -> str:
    plain = HEADS.get(name, plainly(name.removesuffix(_MOMENT)))
    return f"{plain}, UTC" if name.endswith(_MOMENT) else plain


def _numeric(name: str, place: int, behind: Behind) -> bool:
    if name in WORDS or name == "account_id":
        return False
    numbers = bool(behind.rows) and all(isinstance(row[place], int | float) for row in behind.rows)
    return name.endswith(_MOMENT) or numbers


def _cell(name: str, value: Any, right: bool, accounts: Mapping[int, str]) -> Cell:
    if name == "account_id":
        return Cell(accounts.get(value, "an account that is gone"))
    return Cell(told_short(name, value), right, f"/case/{value}/" if name == "case_id" and value else "")


def told_short(name: str, value: Any) -> str:
    """A value of a column as a person reads it: a moment to the second, without the zone that the head names."""
    if value is None or value == "":
        return "–"
    if name.endswith(_MOMENT):
        return f"{to_datetime(value):%Y-%m-%d %H:%M:%S}" if value else "–"
    if name in WORDS:
        return WORDS[name].get(value, plainly(str(value)))
    if name in ("metric", "cause", "why"):
        return plainly(str(value))
    return f"{value:.2f}" if name == "certainty" else str(value)
