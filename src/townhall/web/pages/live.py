"""The live page: is it all right, what is happening, what rises, which promises are met or missed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.desk.views import Figure, LiveView, VolumeSeries
from townhall.web.pages.brand import guest
from townhall.web.pages.words import figure as digits
from townhall.web.pages.words import span

WIDTH, HEIGHT = 280, 96


def page(request: HttpRequest) -> HttpResponse:
    """The whole page; the stream replaces its parts from then on."""
    from townhall.desk import live

    here = guest(request, "read_live")
    view = live.live(here.conn, here.asker.brand_id, here.now)
    return render(request, "live.html", words_of(view))


def words_of(view: LiveView) -> dict[str, Any]:
    """A live view as its template wants it: figures in words, charts as paths."""
    return {
        "live": view,
        "tiles": [tile(one) for one in view.figures[:5]],
        "rest": [tile(one) for one in view.figures[5:7]],
        "charts": [chart(one) for one in view.volume],
        "topics": [{"topic": one, "spark": spark(one.spark)} for one in view.topics],
    }


def tile(one: Figure) -> dict[str, Any]:
    """One figure in words: the value with its unit, what it is out of, its target or usual, and its parts."""
    return {
        "figure": one,
        "value": _value(one.value, one.unit),
        "unit": "" if one.unit in ("seconds", "microseconds") else one.unit,
        "of": f"{one.numerator:,} of {one.denominator:,}" if one.denominator is not None else "",
        "against": against(one),
        "parts": [(name.replace("_", " "), _part(name, value, one.unit)) for name, value in one.parts],
        "bullet": bullet(one),
    }


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit in ("seconds", "microseconds"):
        return span(int(value * (1_000_000 if unit == "seconds" else 1)))
    return digits(value)


def _part(name: str, value: float, unit: str) -> str:
    timed = name.startswith(("p90", "p50", "median", "oldest"))
    return _value(value, "seconds" if timed and unit != "microseconds" else unit) if timed else digits(value)


def against(one: Figure) -> str:
    """Target or usual range in words; before there is one it says so."""
    if one.target is not None:
        return f"target {_value(one.target, one.unit)}" + (" %" if one.unit == "%" else "")
    if one.usual_low is None or one.usual_high is None:
        return "usual: not before 14 days"
    return f"usual {_value(one.usual_low, one.unit)}–{_value(one.usual_high, one.unit)}"


def bullet(one: Figure) -> dict[str, int] | None:
    """A share as a bar of 100 with its target."""
    if one.denominator is None or one.value is None:
        return None
    return {"bar": round(min(one.value, 100)), "target": round(one.target or 0)}


def chart(series: VolumeSeries) -> dict[str, Any]:
    """Posts a minute as a path from zero, the usual as a band; the young minute is a hollow point."""
    usual = (series.usual_high or 0) / 60
    top = max([*series.posts, usual, 1])
    step = WIDTH / max(len(series.posts) - 1, 1)

    def y(value: float) -> float:
        return round(HEIGHT - 4 - value / top * (HEIGHT - 12), 1)

    points = [(round(n * step, 1), y(value)) for n, value in enumerate(series.posts)]
    settled = points[:-1] if len(points) > 1 else points
    return {
        "series": series,
        "path": "M" + " L".join(f"{x} {height}" for x, height in settled) if settled else "",
        "young": points[-1] if points else None,
        "band": _band(series, y),
        "top": int(top),
        "usual": series.usual_low is not None,
    }


def _band(series: VolumeSeries, y: Any) -> dict[str, float] | None:
    if series.usual_low is None or series.usual_high is None:
        return None
    above, below = y(series.usual_high / 60), y(series.usual_low / 60)
    return {"y": above, "height": max(below - above, 1)}


def spark(values: tuple[int, ...]) -> str:
    """A path of 80 by 24 from zero."""
    if len(values) < 2:
        return ""
    top, step = max([*values, 1]), 80 / (len(values) - 1)
    return "M" + " L".join(f"{n * step:.1f} {22 - v / top * 20:.1f}" for n, v in enumerate(values))


def metric(request: HttpRequest, metric: str) -> HttpResponse:
    """A figure with its definition and the rows behind it."""
    from townhall.desk import live

    here = guest(request, "read_live")
    found = live.behind(here.conn, here.asker.brand_id, metric, here.now)
    return render(request, "metric.html", {"found": found, "tile": tile(found.figure)})


@require_POST
def acknowledge(request: HttpRequest, item_id: int) -> HttpResponse:
    """Somebody has this item; everybody sees who and when."""
    from townhall.flow import attention

    here = guest(request, "read_live")
    attention.acknowledge(here.conn, here.asker, item_id, here.now)
    return redirect("live")
