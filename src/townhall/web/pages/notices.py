"""What one was told: newest first, each acknowledged by one press."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.desk import duty
from townhall.web.pages.brand import guest


def page(request: HttpRequest) -> HttpResponse:
    """The reader's own notifications."""
    here = guest(request, "read_live")
    found = duty.notices(here.conn, here.asker.brand_id, here.asker.staff_id)
    return render(request, "notices.html", {"notices": found})


@require_POST
def acknowledge(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Marks one as seen by this person."""
    from townhall.flow import notify_ways

    here = guest(request, "read_live")
    notify_ways.acknowledge(here.conn, here.asker, notice_id, here.now)
    return redirect("notices")
