"""What one was told: newest first, each acknowledged by one press."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.web.pages.brand import guest


def page(request: HttpRequest) -> HttpResponse:
    """The reader's own notifications."""
    from townhall.desk import notices

    here = guest(request, "read_live")
    found = notices.notices(here.conn, here.asker, here.now)
    return render(request, "notices.html", {"notices": found})


@require_POST
def acknowledge(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Marks one as seen by this person."""
    from townhall.flow import notify

    here = guest(request, "read_live")
    notify.acknowledge(here.conn, here.asker, notice_id, here.now)
    return redirect("notices")
