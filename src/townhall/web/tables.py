"""Rows behind figures as files and programs get them: one shape for pages and API."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

from townhall.desk.figures import Behind
from townhall.kernel.clock import to_iso


def told(column: str, value: Any) -> Any:
    """A value as files and programs get it: times in RFC 3339, ids as digits in a string."""
    if column.endswith("_at"):
        return to_iso(value) if value else None
    return str(value) if column == "id" or column.endswith("_id") else value


def cell(value: Any) -> str:
    """A value in a cell. One that a spreadsheet would take for a formula is kept from being one."""
    text = "" if value is None else repr(value) if isinstance(value, float) else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in "=+-@\t\r" and text else text


def rows_behind(found: Behind) -> list[list[Any]]:
    """Rows behind a figure or a line, as files and programs get them."""
    return [[told(*pair) for pair in zip(found.columns, row, strict=True)] for row in found.rows]


def rows_file(found: Behind, name: str) -> HttpResponse:
    """The same as a CSV file, whose name says when it is cut; ``X-Total-Rows`` says how many rows there are."""
    lines = ([cell(value) for value in row] for row in rows_behind(found))
    answer = csv_file(found.columns, lines, "-".join([name, *found.cut.replace(",", "").split()]))
    answer.headers["X-Total-Rows"] = str(found.total)
    return answer


def csv_file(head: Iterable[str], rows: Iterable[list[str]], name: str) -> HttpResponse:
    """A CSV file to keep, under that name."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
