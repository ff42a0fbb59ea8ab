"""Targets: what each figure is measured against, and by whom that was set."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from townhall.analytics import targets as store
from townhall.analytics.metrics import METRICS
from townhall.desk import live as desk_live
from townhall.desk.views import Figure
from townhall.flow import targets as acts
from townhall.kernel.errors import Refused
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.tiles import against, in_words


def page(request: HttpRequest) -> HttpResponse:
    """Every figure with its value now, its target or usual, and who set it; a lead changes them here."""
    here = guest(request, "read_live")
    if request.method == "POST":
        messages.info(request, change(request, here))
        return redirect("targets")
    own, able = store.targets(here.conn, here.asker.brand_id), {metric.name for metric in acts.settable()}
    shown = desk_live.figures(here.conn, here.asker.brand_id, list(METRICS), here.now)
    lines = [line(one, own.get(one.name), one.name in able) for one in shown]
    return render(request, "targets.html", {"lines": lines, "may_set": here.asker.may("set_targets")})


def line(shown: Figure, own: store.Target | None, able: bool) -> dict[str, Any]:
    """One figure in words."""
    return {
        "metric": METRICS[shown.name],
        "value": in_words(shown.value, shown.unit),
        "unit": "" if shown.unit == "min" else shown.unit,
        "against": against(shown),
        "own": own,
        "target": f"{shown.target:g}" if shown.target is not None else "",
        "able": able,
    }


def change(request: HttpRequest, here: Guest) -> str:
    """Sets one target, or gives it back; says what holds now."""
    name, typed = request.POST.get("metric", ""), request.POST.get("target", "").strip().replace(",", ".")
    if request.POST.get("do") == "give_back":
        acts.give_back(here.conn, here.asker, name, here.now)
        return f"{METRICS[name].title}: the usual target counts again."
    try:
        target = float(typed)
    except ValueError:
        raise Refused("Write the target as a number. Nothing was changed.") from None
    acts.set_target(here.conn, here.asker, name, target, here.now)
    return f"{METRICS[name].title}: the target is {target:g} {METRICS[name].unit} from now on."
