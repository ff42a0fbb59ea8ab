"""One figure: its definition, its one query, and the rows behind it, as a page and as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from townhall.analytics.metrics import METRICS
from townhall.analytics.periods import PERIODS
from townhall.kernel.errors import NotFound
from townhall.web import tables
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.columns import shown_behind
from townhall.web.pages.live import asked, by_slot
from townhall.web.pages.tiles import tile


def page(request: HttpRequest, metric: str) -> HttpResponse:
    """A figure with its definition, its one query and the rows behind it."""
    from townhall.desk import figures, live

    here, back = guest(request, "read_live"), asked(request)
    if not back.name and metric not in back.figures:
        back = PERIODS[home(metric)]
    zone = request.user.zone or here.brand.zone  # type: ignore[union-attr]
    shown = live.figure(here.conn, here.asker.brand_id, metric, here.now)
    words = {
        "tile": tile(shown),
        "as_of": here.now,
        "metric": METRICS[metric],
        "statement": figures.STATEMENTS[metric][0].strip(),
        "behind": shown_behind(
            here, zone, figures.behind(here.conn, metric, here.asker.brand_id, here.brand.zone, here.now)
        ),
        "slots": by_slot(_volume(here, metric)) if metric.startswith("posts_") else None,
        "same": f"?period={back.name}" if back.name else "",
        "others": others(metric),
    }
    return render(request, "metric.html", words)


def _volume(here: Guest, metric: str) -> Any:
    from townhall.desk import live

    return live.live(here.conn, here.asker.brand_id, here.now, PERIODS[home(metric)]).volume


def home(metric: str) -> str:
    """The period of the live page on which a figure stands; the page as it comes, if it stands there."""
    return next((name for name, period in PERIODS.items() if metric in period.figures), "")


def others(metric: str) -> list[tuple[str, str]]:
    """The same figure in other periods: (name, words of the period)."""
    kind = (
        metric.rsplit("_", 1)[0]
        if metric.startswith(("promises", "posts"))
        else metric.removesuffix("_hour").removesuffix("_week")
    )
    return [
        (name, one.period)
        for name, one in METRICS.items()
        if name != metric and METRICS[metric].definition == one.definition and name.startswith(kind)
    ]


def rows_file(request: HttpRequest, metric: str) -> HttpResponse:
    """The rows behind a figure as a CSV file, by the same statement as the page."""
    from townhall.desk import figures

    here = guest(request, "read_live")
    if metric not in METRICS:
        raise NotFound("There is no such figure.")
    found = figures.behind(
        here.conn, metric, here.asker.brand_id, here.brand.zone, here.now, figures.FILE_ROWS
    )
    return tables.rows_file(found, metric)
