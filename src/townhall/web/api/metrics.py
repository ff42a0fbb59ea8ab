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
from townhall.web.api.door import Call, call_for
from townhall.web.api.values import MaybeTime, Shape, Time
from townhall.web.pages.tiles import in_words
from townhall.web.tables import cell, csv_file, rows_behind, rows_file

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
    """The first rows behind a figure, at most 500, of the total. Ids are digits in a string, times are RFC 3339."""

    columns: list[str]
    rows: list[list[str | int | float | bool | None]]
    total: int = Field(description="How many rows there are; more than are here when they are cut.")


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
    found = _behind(call_for(request, "read_live"), name)
    return {"columns": list(found.columns), "rows": rows_behind(found), "total": found.total}


@router.get(
    "/metrics/{name}/rows.csv", summary="The rows behind a figure as CSV", openapi_extra={"responses": CSV}
)
def metric_rows_csv(request: HttpRequest, name: Name) -> HttpResponse:
    """All rows, at most 50,000. ``X-Total-Rows`` says how many there are; the file's name says when only the first are here."""
    return rows_file(_behind(call_for(request, "read_live"), name, desk_figures.FILE_ROWS), name)


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


def _behind(call: Call, name: str, most: int = desk_figures.ROWS) -> desk_figures.Behind:
    return desk_figures.behind(call.conn, name, call.asker.brand_id, call.brand.zone, call.now, most)
