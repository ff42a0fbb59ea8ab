"""Rows behind figures as a table that people read: the zone of times once in the head, numbers to the right."""

from typing import Any

from townhall.desk.figures import Behind
from townhall.kernel.clock import to_datetime


def in_columns(behind: Behind) -> dict[str, Any]:
    """The rows as a table: the zone of times once in the head, numbers to the right, a dash for nothing."""
    columns = [
        (one.removesuffix("_at") + ", UTC" if one.endswith("_at") else one, _numeric(one, place, behind))
        for place, one in enumerate(behind.columns)
    ]
    rows = [
        [
            (told_short(name, value), right)
            for name, value, (_, right) in zip(behind.columns, row, columns, strict=True)
        ]
        for row in behind.rows
    ]
    return {"columns": columns, "rows": rows, "cut": behind.cut}


def _numeric(name: str, place: int, behind: Behind) -> bool:
    return name.endswith("_at") or (
        bool(behind.rows) and all(isinstance(row[place], int | float) for row in behind.rows)
    )


def told_short(name: str, value: Any) -> str:
    """A value of a column as a person reads it: a moment to the second, without the zone that the head names."""
    if value is None or value == "":
        return "–"
    if name.endswith("_at"):
        return f"{to_datetime(value):%Y-%m-%d %H:%M:%S}" if value else "–"
    return f"{value:.2f}" if name == "certainty" else str(value)
