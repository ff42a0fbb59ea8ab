"""Channels: is each one heard, since when not, what it can and cannot do; and whether the brand may answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.channels import CHANNELS
from townhall.desk import channels as desk_channels
from townhall.flow import people as people_acts
from townhall.intake import aside
from townhall.kernel.errors import Refused
from townhall.web.pages.brand import guest
from townhall.web.pages.proof import require_fresh


def page(request: HttpRequest) -> HttpResponse:
    """One line each, in words."""
    here = guest(request, "read_live")
    lines = desk_channels.channels(here.conn, here.asker.brand_id, here.now)
    words = {
        "lines": [{"line": line, "lag_minutes": round(line.lag_seconds / 60)} for line in lines],
        "cards": [channel.card for channel in CHANNELS.values()],
        "may_manage": here.asker.may("manage_accounts"),
        "aside": sum(count for _, count in aside.reasons(here.conn, here.asker.brand_id)),
        "may_leave": here.asker.may("leave_observe"),
    }
    return render(request, "channels.html", words)


@require_POST
def observe(request: HttpRequest) -> HttpResponse:
    """Leaves observe-only, or returns to it; the brand's short name is typed to leave."""
    here = guest(request, "leave_observe")
    if request.POST.get("to") == "observe":
        people_acts.return_to_observe(here.conn, here.asker, here.now)
        messages.info(request, "The brand only observes again. Nothing can be sent.")
        return redirect("channels")
    if request.POST.get("typed", "").strip() != here.brand.slug:
        raise Refused(f"Type {here.brand.slug} to let it answer. Nothing was changed.")
    require_fresh(request)
    people_acts.leave_observe(here.conn, here.asker, here.now)
    messages.info(request, f"{here.brand.name} can answer now. Every reply still passes the guard.")
    return redirect("channels")
