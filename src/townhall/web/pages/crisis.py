"""The stop: what is stopped, what would be, and what no stop of ours reaches."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.desk import channels as desk_channels
from townhall.desk import stops as desk_stops
from townhall.flow import outbound_stop as door
from townhall.kernel.errors import Refused
from townhall.web.pages.brand import guest
from townhall.web.pages.proof import require_fresh


def page(request: HttpRequest) -> HttpResponse:
    """One button for all of the brand, one for each account, and the stops in force."""
    here = guest(request, "stop_outbound")
    words = {
        "stops": desk_stops.stops(here.conn, here.asker.brand_id),
        "waiting": desk_stops.waiting(here.conn, here.asker.brand_id),
        "lines": desk_channels.channels(here.conn, here.asker.brand_id, here.now),
        "may_resume": here.asker.may("resume_outbound"),
    }
    return render(request, "stop.html", words)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Stops or resumes; what was due meanwhile does not go out by itself."""
    here = guest(request, "stop_outbound")
    reason = request.POST.get("reason", "").strip()
    scope, _, target = request.POST.get("what", "").partition(":")
    if resumed := request.POST.get("resume"):
        require_fresh(request)
        door.resume(here.conn, here.asker, int(resumed), here.now)
        messages.info(
            request, "Released. Replies whose time passed wait for a new one; none goes out by itself."
        )
    elif scope in ("brand", "account", "channel", "everything"):
        door.stop(here.conn, here.asker, scope, reason or "No reason given yet.", here.now, target=target)  # type: ignore[arg-type]
        messages.info(request, "Stopped. Nothing of it leaves from this moment.")
    else:
        raise Refused("Choose what to stop. Nothing was changed.")
    return redirect("stop")
