"""The live page: is it all right, what is happening, what rises, which promises are met or missed."""

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from townhall.analytics.logic.usual import YOUNG_DAYS
from townhall.analytics.periods import PERIODS, Period, period_named
from townhall.desk.views import Lag, LiveView, RisingTopic, VolumeSeries
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND
from townhall.web.pages.brand import guest
from townhall.web.pages.breakdowns import laid_out
from townhall.web.pages.tiles import tile
from townhall.web.pages.words import span

BUTTONS = (("", "Today", ""), ("h", "Hour", "h"), ("d", "Day", "d"), ("w", "Week", "w"))
"""Period → what its button says and the key that presses it."""


def asked(request: HttpRequest) -> Period:
    """The period that the address names. Raises ``Refused`` for no such one."""
    return period_named(request.GET.get("period", ""))


def page(request: HttpRequest) -> HttpResponse:
    """The whole page; the stream replaces its parts from then on."""
    from townhall.desk import live

    here = guest(request, "read_live")
    view = live.live(here.conn, here.asker.brand_id, here.now, asked(request))
    return render(request, "live.html", words_of(view))


def words_of(view: LiveView) -> dict[str, Any]:
    """A live view as its template wants it: figures in words, charts as paths."""
    tiles = [tile(one) for one in view.figures]
    period = PERIODS[view.period]
    return {
        "live": view,
        "period": period,
        "same": f"?period={period.name}" if period.name else "",
        "buttons": BUTTONS,
        "promises": [one for one in tiles if one["figure"].name.startswith("promises_")],
        "tiles": [one for one in tiles if not one["figure"].name.startswith("promises_")],
        "charts": charts(view.volume),
        "posts_name": next(name for name in period.figures if name.startswith("posts_")),
        "by": "minute" if period.length == HOUR or not period.name else "hour",
        "late": late(view.lag),
        "outside": [one.title for one in view.figures if one.state == "bad"],
        "topics": topics(view.topics),
        "channels": [{"line": one, "behind": span(int(one.lag_seconds * SECOND))} for one in view.channels],
        "tables": [laid_out(one, period) for one in view.tables],
        "grown_at": view.data_from + YOUNG_DAYS * DAY if view.young and view.data_from else 0,
    }


LATE_S = 5
"""Seconds that posts may wait before the page says so: more than any batch takes."""


def late(lag: Lag) -> str:
    """What is behind in this house, in words; "" when nothing is."""
    said = []
    if lag.judging_seconds >= LATE_S:
        age = span(int(lag.judging_seconds * SECOND))
        said.append(f"{lag.waiting:,} posts wait to be judged, the oldest for {age}")
    if lag.search_seconds >= LATE_S:
        said.append(f"search is {span(int(lag.search_seconds * SECOND))} behind")
    return f"Catching up: {'; '.join(said)}. Every post is kept." if said else ""


def topics(rising: Iterable[RisingTopic]) -> list[dict[str, Any]]:
    """What rises, the strongest first: its words, its figures, its course."""
    return [{"topic": one, "words": one.phrase or one.topic, "spark": spark(one.spark)} for one in rising]


def charts(volume: Iterable[VolumeSeries]) -> list[dict[str, Any]]:
    """Posts by slot for each channel, all on one scale from zero. The usual of an hour is shared over its minutes; that of a
    longer time is told in words, because an hour of the night and one of the day have no usual in common."""
    every = [(one, _whole(one)) for one in volume]
    by_minute = [one for one, _ in every if one.grain == MINUTE]
    top = max(
        [1, *(n for _, posts in every for n in posts), *((one.usual_high or 0) / 60 for one in by_minute)]
    )
    return [
        {
            "series": one,
            "usual": one.usual_low is not None,
            "most": max(one.posts, default=0),
            "plot": json.dumps(_plot(one, posts, top), separators=(",", ":")),
        }
        for one, posts in every
    ]


def _whole(one: VolumeSeries) -> tuple[int, ...]:
    """What is drawn: without a first hour of which the period has only a part."""
    return one.posts[1:] if one.part else one.posts


def _plot(one: VolumeSeries, posts: tuple[int, ...], top: float) -> dict[str, Any]:
    slots = one.slots[len(one.slots) - len(posts) :]
    banded = one.grain == MINUTE and one.usual_low is not None and one.usual_high is not None
    return {
        "slots": [slot // SECOND for slot in slots],
        "posts": posts,
        "top": round(top, 2),
        "step": 900 if one.grain == MINUTE else 21_600 if len(slots) <= 26 else 86_400,
        "low": round((one.usual_low or 0) / 60, 2) if banded else None,
        "high": round((one.usual_high or 0) / 60, 2) if banded else None,
    }


def by_slot(volume: Iterable[VolumeSeries]) -> dict[str, Any]:
    """The same series as a table, newest slot first."""
    every = list(volume)
    slots = every[0].slots if every else ()
    rows = [(slot, [one.posts[place] for one in every]) for place, slot in enumerate(slots)]
    return {"series": every, "rows": rows[::-1], "minutes": bool(every) and every[0].grain == MINUTE}


def spark(values: tuple[int, ...]) -> str:
    """A path of 80 by 24 from zero."""
    if len(values) < 6:
        return ""
    top, step = max([*values, 1]), 80 / (len(values) - 1)
    return "M" + " L".join(f"{n * step:.1f} {22 - v / top * 20:.1f}" for n, v in enumerate(values))


@require_POST
def acknowledge(request: HttpRequest, item_id: int) -> HttpResponse:
    """Somebody has this item; everybody sees who and when."""
    from townhall.flow import attention

    here = guest(request, "read_live")
    attention.acknowledge(here.conn, here.asker, item_id, here.now)
    period = asked(request)
    return redirect(reverse("live") + (f"?period={period.name}" if period.name else ""))
