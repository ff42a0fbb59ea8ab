"""The living page: every component as it is, in the reader's theme."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from townhall.desk.views import ClockView
from townhall.kernel.clock import HOUR, MINUTE, Instant, system_clock
from townhall.web.pages.icons import ICONS

COLOURS = (
    "canvas", "surface", "sunken", "text", "text-2", "text-3", "accent", "focus", "edge", "hairline",
    "good", "soon", "missed", "held", "note", "series-1", "series-2", "series-3", "series-4",
)  # fmt: skip


def clocks(now: Instant) -> list[ClockView]:
    """One clock of each state."""
    return [
        ClockView("running", due_at=now + 3 * HOUR, share_left=0.7, minutes=180),
        ClockView("soon", due_at=now + 9 * MINUTE, share_left=0.2, minutes=9),
        ClockView("missed", due_at=now - 3 * MINUTE, minutes=3),
        ClockView("paused", due_at=now + HOUR, waits_for="customer"),
        ClockView("approval", due_at=now + HOUR, waits_for="approver", since=now - 6 * MINUTE),
        ClockView("met", due_at=now, met_at=now - 30 * MINUTE),
    ]


def page(request: HttpRequest) -> HttpResponse:
    """Shows all of it; open to anybody, it holds no data."""
    now = system_clock()
    words = {"colours": COLOURS, "clocks": clocks(now), "icons": sorted(ICONS), "now": now}
    return render(request, "style.html", words)
