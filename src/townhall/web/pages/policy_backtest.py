"""Back-testing a version on past posts: a period is chosen, results come as it works, and it may be called off."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from townhall.desk import backtests, policy_versions
from townhall.flow import backtesting as acts
from townhall.kernel.clock import DAY, Instant, from_datetime
from townhall.kernel.errors import NotFound, Refused
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.words import local

DAYS = 30
KINDS = {
    "answered": "Answered, or no longer",
    "effect": "Another effect",
    "held": "Taken to a person, or no longer",
    "queue": "Another queue",
    "priority": "Another priority",
    "calendar": "Another calendar",
    "first_response": "Another time for the first answer",
    "next_response": "Another time for later answers",
}


def page(request: HttpRequest, number: int) -> HttpResponse:
    """The newest back-test of a version; a new one is asked for here. For htmx the results alone."""
    here = guest(request, "read_policy")
    if request.method == "POST":
        _act(request, here, number)
        return redirect("policy_backtest", number)
    version = policy_versions.version(here.conn, here.asker, number)
    found = backtests.backtest(here.conn, here.asker, number, version.line.digest)
    words: dict[str, Any] = {"version": version.line, "test": found, "kinds": KINDS}
    if found:
        words |= {"percent": round(found.share * 100), "shown": _shown(found), "changes": _changes(found)}
    if request.headers.get("HX-Request"):
        return render(request, "parts/backtest.html", words)
    today = local(here.now, here.brand.zone).date()
    return render(request, "policy_backtest.html", words | {"low": today - timedelta(DAYS), "high": today})


def _changes(found: backtests.BacktestView) -> list[tuple[str, int]]:
    return [(words, found.changed[kind]) for kind, words in KINDS.items() if found.changed.get(kind)]


def _shown(found: backtests.BacktestView) -> list[tuple[str, tuple[backtests.Shown, ...]]]:
    held = dict(found.shown)
    return [(words, held[kind]) for kind, words in KINDS.items() if held.get(kind)]


def _act(request: HttpRequest, here: Guest, number: int) -> None:
    if request.POST.get("do") == "stop":
        acts.cancel(here.conn, here.asker, number, here.now)
        messages.info(request, "Called off. What it found so far stays.")
        return
    low, high = (_day(here, request.POST.get(name, "")) for name in ("low", "high"))
    begin(here, number, low, min(high + DAY, here.now + 1))


def begin(here: Guest, number: int, low: Instant, high: Instant) -> None:
    """Asks for a back-test against the version in force. Raises ``Refused`` where there is none."""
    try:
        against = policy_versions.active(here.conn, here.asker).line.number
    except NotFound:
        raise Refused("No version is in force yet, so there is nothing to compare with.") from None
    acts.ask(here.conn, here.asker, number, against, low, high, here.now)


def _day(here: Guest, typed: str) -> Instant:
    """The beginning of a day in the brand's zone."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Refused("Choose the first and the last day.") from None
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=here.brand.zone_info()))
