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
    "escalated": "Taken to a person at once, or no longer",
    "held": "Held for an approval, or no longer",
    "approvals": "Other approvals",
    "queue": "Another queue",
    "priority": "Another priority",
    "calendar": "Another calendar",
    "at_risk": "At risk at another time",
    "first_response": "Another promise of a first answer",
    "next_response": "Another promise of later answers",
    "periodic_update": "Another promise of updates",
    "requester_wait": "Another promise of the customer's wait",
    "agent_work": "Another promise of working time",
    "resolution": "Another promise of a solution",
    "group_ownership": "Another promise of the team's own time",
    "community_answer": "Another promise of the community's answer",
}
"""Kinds of change as rows of the page; ``targets`` stands in its parts."""


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
        words |= {
            "percent": round(found.share * 100), "shown": _shown(found), "changes": _changes(found),
            "set_by_people": _set_by_people(found),
        }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render(request, "parts/backtest.html", words)
    today = local(here.now, here.brand.zone).date()
    return render(request, "policy_backtest.html", words | {"low": today - timedelta(DAYS), "high": today})


def _changes(found: backtests.BacktestView) -> list[tuple[str, int]]:
    return [(words, found.changed[kind]) for kind, words in KINDS.items() if found.changed.get(kind)]


def _set_by_people(found: backtests.BacktestView) -> list[tuple[str, int, int, int]]:
    """What people set, and how often the version in force and this one say the same of those posts."""
    rows = []
    for name in ("queue", "priority"):
        before, after = (found.set_by_people.get(side, {}).get(name, []) for side in ("before", "after"))
        if total := sum(pair["posts"] for pair in before):
            rows.append((name, total, _agreed(before), _agreed(after)))
    return rows


def _agreed(pairs: list[dict[str, Any]]) -> int:
    return sum(pair["posts"] for pair in pairs if pair["from"] == pair["to"])


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
