"""The tables below the live page's figures, and the rows behind each line; as JSON and as CSV."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from townhall.analytics.breakdowns import BREAKDOWNS, Table
from townhall.analytics.periods import PeriodName, period_named
from townhall.desk.figures import FILE_ROWS, ROWS, Behind
from townhall.web import breakdowns
from townhall.web.api.door import call_for
from townhall.web.api.metrics import CSV, RowsShape
from townhall.web.api.values import Shape, Time
from townhall.web.tables import cell, csv_file, rows_behind, rows_file, told

router = Router(tags=["Figures"])
TableName = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="Its name in the registry.")]
PeriodQuery = Annotated[
    PeriodName,
    Query(
        description="h, d or w: the last hour, 24 hours or 7 days. Without it as the live page comes: 24 hours."
    ),
]
Of = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$", description="The line's first value.")]


class ColumnShape(Shape):
    """A column: its name, its head as people read it, its unit ("" for counts and words)."""

    name: str
    head: str
    unit: str


class BreakdownShape(Shape):
    """One entry of the registry of tables. ``version`` counts up when the definition changes."""

    name: str
    title: str
    definition: str
    version: int
    columns: list[ColumnShape]


class TableShape(Shape):
    """A table as measured, from ``since`` to before ``until``. A share is null where there are too few posts for one."""

    name: str
    title: str
    period: str
    since: Time
    until: Time
    columns: list[str]
    rows: list[list[str | int | float | bool | None]] = Field(description="Ids are digits in a string.")


@router.get("/breakdowns", response=list[BreakdownShape], summary="List the tables")
def breakdown_list(request: HttpRequest) -> Any:
    """Every table below the figures, with its one definition."""
    call_for(request, "read_live")
    return list(BREAKDOWNS.values())


@router.get("/breakdowns/{table}", response=TableShape, summary="Read a table")
def breakdown(request: HttpRequest, table: TableName, period: PeriodQuery = "") -> dict[str, Any]:
    """The table now."""
    return shown(_table(request, table, period))


@router.get("/breakdowns/{table}/table.csv", summary="A table as CSV", openapi_extra={"responses": CSV})
def breakdown_csv(request: HttpRequest, table: TableName, period: PeriodQuery = "") -> HttpResponse:
    """The same table."""
    columns, rows = lines(_table(request, table, period))
    return csv_file(columns, ([cell(value) for value in row] for row in rows), table)


@router.get("/breakdowns/{table}/rows", response=RowsShape, summary="Read the rows behind a line")
def breakdown_rows(
    request: HttpRequest, table: TableName, of: Of, period: PeriodQuery = ""
) -> dict[str, Any]:
    """What a line was made of."""
    found = _behind(request, table, of, period)
    return {"columns": list(found.columns), "rows": rows_behind(found), "total": found.total}


@router.get(
    "/breakdowns/{table}/rows.csv", summary="The rows behind a line as CSV", openapi_extra={"responses": CSV}
)
def breakdown_rows_csv(
    request: HttpRequest, table: TableName, of: Of, period: PeriodQuery = ""
) -> HttpResponse:
    """All rows, at most 50,000. ``X-Total-Rows`` says how many there are; the file's name says when only the first are here."""
    return rows_file(_behind(request, table, of, period, FILE_ROWS), table)


def shown(table: Table) -> dict[str, Any]:
    """A table in its shape."""
    columns, rows = lines(table)
    return {
        "name": table.of.name, "title": table.of.title, "period": table.period, "since": table.since,
        "until": table.until, "columns": columns, "rows": rows,
    }  # fmt: skip


def lines(table: Table) -> tuple[list[str], list[list[Any]]]:
    """A table as programs get it."""
    columns = [column.name for column in table.of.columns]
    return columns, [[told(*pair) for pair in zip(columns, row, strict=True)] for row in table.rows]


def _table(request: HttpRequest, name: str, period: str) -> Table:
    call = call_for(request, "read_live")
    return breakdowns.table(call.conn, call.asker, name, period_named(period), call.now)


def _behind(request: HttpRequest, name: str, of: str, period: str, most: int = ROWS) -> Behind:
    call = call_for(request, "read_live")
    return breakdowns.behind(call.conn, call.asker, name, of, period_named(period), call.now, most)
