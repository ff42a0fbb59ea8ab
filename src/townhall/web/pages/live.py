"""The live page: is it all right, what is happening, what rises, which promises are met or missed."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.analytics.metrics import METRICS
from townhall.desk.views import Figure, LiveView, RisingTopic, VolumeSeries
from townhall.kernel.clock import MINUTE, SECOND
from townhall.web.pages.brand import guest
from townhall.web.pages.words import figure as digits
from townhall.web.pages.words import span

WIDTH, HEIGHT = 280, 96
PROMISES = ("promises_today", "promises_now", "promises_week")
SHORT = {"promises_today": "Promises today", "promises_now": "Last hour", "promises_week": "7 days"}
PARTS = {
    "will_be_missed": "{} more will be missed in 30 min",
    "running": "{} running",
    "missed": "{} missed",
    "oldest_minutes": "oldest {}",
    "p90": "p90 {}",
    "waiting": "{} still waiting, counted",
}


def page(request: HttpRequest) -> HttpResponse:
    """The whole page; the stream replaces its parts from then on."""
    from townhall.desk import live

    here = guest(request, "read_live")
    view = live.live(here.conn, here.asker.brand_id, here.now)
    return render(request, "live.html", words_of(view))


def words_of(view: LiveView) -> dict[str, Any]:
    """A live view as its template wants it: figures in words, charts as paths."""
    tiles = {one.name: tile(one) for one in view.figures}
    return {
        "live": view,
        "promises": [tiles.pop(name) for name in PROMISES if name in tiles],
        "tiles": list(tiles.values()),
        "charts": [chart(one) for one in view.volume],
        "topics": topics(view.topics),
        "channels": [{"line": one, "behind": span(int(one.lag_seconds * SECOND))} for one in view.channels],
    }


def topics(rising: Iterable[RisingTopic]) -> list[dict[str, Any]]:
    """What rises, the strongest first; words that come from the same posts stand in one line."""
    lines: dict[int, dict[str, Any]] = {}
    for one in rising:
        line = lines.setdefault(one.example_id, {"topic": one, "words": one.topic, "spark": spark(one.spark)})
        if line["topic"] is not one:
            line["words"] += f", {one.topic}"
    return list(lines.values())


def tile(one: Figure) -> dict[str, Any]:
    """One figure in words: the value with its unit, what it is out of, its target or usual, and its parts."""
    return {
        "figure": one,
        "title": SHORT.get(one.name, one.title),
        "value": in_words(one.value, one.unit),
        "unit": "" if one.unit == "min" else one.unit,
        "of": f"{one.numerator:,} of {one.denominator:,}" if one.denominator is not None else "",
        "against": against(one),
        "parts": [part(name, value, one.unit) for name, value in one.parts if name in PARTS],
        "bullet": bullet(one),
    }


def in_words(value: float | None, unit: str) -> str:
    """A value in its unit: minutes as a length of time, the rest in digits."""
    if value is None:
        return "–"
    return span(int(value * MINUTE)) if unit == "min" else digits(value)


def part(name: str, value: float, unit: str) -> str:
    """One of a figure's named parts as a phrase."""
    words = PARTS[name]
    if name.endswith("_minutes") or (unit == "min" and name == "p90"):
        return words.format(span(int(value * MINUTE))) if value else ""
    return words.format(digits(value)) if value or name == "running" else ""


def against(one: Figure) -> str:
    """Target or usual range in words; before there is one it says so."""
    if one.target is not None:
        return f"target {in_words(one.target, one.unit)}" + (" %" if one.unit == "%" else "")
    if one.usual_low is None or one.usual_high is None:
        return "usual not before 14 days"
    return f"usual {in_words(one.usual_low, one.unit)}–{in_words(one.usual_high, one.unit)}"


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
    if len(values) < 6:
        return ""
    top, step = max([*values, 1]), 80 / (len(values) - 1)
    return "M" + " L".join(f"{n * step:.1f} {22 - v / top * 20:.1f}" for n, v in enumerate(values))


def metric(request: HttpRequest, metric: str) -> HttpResponse:
    """A figure with its definition, its one query and the rows behind it."""
    from townhall.desk import figures, live

    here = guest(request, "read_live")
    shown = live.figure(here.conn, here.asker.brand_id, metric, here.now)
    words = {
        "tile": tile(shown),
        "metric": METRICS[metric],
        "statement": figures.STATEMENTS[metric][0].strip(),
        "behind": figures.behind(here.conn, metric, here.asker.brand_id, here.brand.zone, here.now),
    }
    return render(request, "metric.html", words)


@require_POST
def acknowledge(request: HttpRequest, item_id: int) -> HttpResponse:
    """Somebody has this item; everybody sees who and when."""
    from townhall.flow import attention

    here = guest(request, "read_live")
    attention.acknowledge(here.conn, here.asker, item_id, here.now)
    return redirect("live")
