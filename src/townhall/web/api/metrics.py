"""Figures: the registry, each figure as the pages show it, and the rows behind it; as JSON and as CSV."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field

from townhall.analytics.metrics import METRICS
from townhall.desk import figures as desk_figures
from townhall.desk import live as desk_live
from townhall.desk.views import Figure
from townhall.kernel.clock import Instant, to_iso
from townhall.kernel.errors import NotFound
from townhall.web.api.door import Call, call_for
from townhall.web.api.values import MaybeTime, Shape, Time
from townhall.web.pages.tiles import in_words
from townhall.web.tables import cell, csv_file, told

router = Router(tags=["Figures"])
Name = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="Its name in the registry.")]
CSV = {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}}
_FIELDS = (
    "name", "title", "value", "words", "unit", "period", "state", "numerator", "denominator", "target", "usual_low",
    "usual_high", "as_of",
)  # fmt: skip
TIMES = ("_at",)


class MetricShape(Shape):
    """One entry of the registry. ``version`` counts up when the definition changes."""

    name: str
    title: str
    unit: str
    period: str
    definition: str
    better: str = Field(description="more, less or usual.")
    target: float | None
    version: int


class FigureShape(Shape):
    """One figure as card, table, page and CSV show it. ``words`` is the value as the pages word it; ``parts`` are named
    extras; ``without`` names channels that are behind, the first of them ``without_since``."""

    name: str
    title: str
    unit: str
    period: str
    value: float | None
    words: str
    state: str
    numerator: int | None
    denominator: int | None
    target: float | None
    usual_low: float | None
    usual_high: float | None
    parts: dict[str, float]
    without: list[str]
    without_since: MaybeTime
    as_of: Time


class RowsShape(Shape):
    """The rows behind a figure, at most 500. Ids are digits in a string, times are RFC 3339."""

    columns: list[str]
    rows: list[list[str | int | float | bool | None]]


@router.get("/metrics", response=list[MetricShape], summary="List the registry")
def metrics(request: HttpRequest) -> Any:
    """Every figure that any page shows, with its one definition."""
    call_for(request, "read_live")
    return list(METRICS.values())


@router.get("/metrics.csv", summary="Every figure as CSV", openapi_extra={"responses": CSV})
def metrics_csv(request: HttpRequest) -> HttpResponse:
    """One line for each figure."""
    call = call_for(request, "read_live")
    found = [
        words_of_figure(one, call.now)
        for one in desk_live.figures(call.conn, call.asker.brand_id, list(METRICS), call.now)
    ]
    return csv_file(_FIELDS, ([cell(one[field]) for field in _FIELDS] for one in found), "figures")


@router.get("/metrics/{name}", response=FigureShape, summary="Read a figure")
def metric(request: HttpRequest, name: Name) -> dict[str, Any]:
    """The figure now, by its one statement."""
    call = call_for(request, "read_live")
    return words_of_figure(desk_live.figure(call.conn, call.asker.brand_id, name, call.now), call.now)


@router.get("/metrics/{name}/rows", response=RowsShape, summary="Read the rows behind a figure")
def metric_rows(request: HttpRequest, name: Name) -> dict[str, Any]:
    """What the figure was made of."""
    columns, rows = _rows(call_for(request, "read_live"), name)
    return {"columns": columns, "rows": rows}


@router.get(
    "/metrics/{name}/rows.csv", summary="The rows behind a figure as CSV", openapi_extra={"responses": CSV}
)
def metric_rows_csv(request: HttpRequest, name: Name) -> HttpResponse:
    """The same rows."""
    columns, rows = _rows(call_for(request, "read_live"), name)
    return csv_file(columns, ([cell(value) for value in row] for row in rows), name)


def words_of_figure(shown: Figure, now: Instant) -> dict[str, Any]:
    """A figure in its shape, with its value in words."""
    told = {field: getattr(shown, field) for field in shown.__struct_fields__}
    words = in_words(shown.value, shown.unit)
    return told | {
        "parts": dict(shown.parts),
        "without": list(shown.without),
        "words": words,
        "as_of": to_iso(now),
    }


def _rows(call: Call, name: str) -> tuple[list[str], list[list[Any]]]:
    if name not in METRICS:
        raise NotFound(f"There is no figure named {name}.")
    found = desk_figures.behind(call.conn, name, call.asker.brand_id, call.brand.zone, call.now)
    columns = list(found.columns)
    return columns, [[told(*pair) for pair in zip(columns, row, strict=True)] for row in found.rows]
