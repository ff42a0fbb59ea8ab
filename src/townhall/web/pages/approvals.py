"""The approval queue: decide in ten seconds, with confidence."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.desk import approvals as desk_approvals
from townhall.flow import outbound_approval as door
from townhall.kernel.errors import Refused
from townhall.web.pages.brand import guest


def page(request: HttpRequest) -> HttpResponse:
    """What is held, most urgent first."""
    here = guest(request, "read_approvals")
    queue = desk_approvals.approvals(
        here.conn, here.asker.brand_id, here.asker.staff_id, here.now,
        cursor=request.GET.get("cursor", ""), reason=request.GET.get("reason", ""),
    )  # fmt: skip
    return render(request, "approvals.html", {"queue": queue, "can_approve": here.asker.may("approve")})


@require_POST
def decide(request: HttpRequest, release_id: int) -> HttpResponse:
    """Approves exactly the text that was shown, or returns it with a reason."""
    here = guest(request, "approve")
    decision, digest = request.POST.get("decision", ""), request.POST.get("digest", "")
    if decision == "approve":
        door.approve(here.conn, here.asker, release_id, _digest(digest), here.now)
        messages.info(request, "Approved. It leaves after the short time in which its author may undo it.")
    elif decision == "return":
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Refused("Say what should change, then return it. Nothing was changed.")
        door.send_back(here.conn, here.asker, release_id, reason, here.now)
        messages.info(request, "Returned to its author with your words.")
    else:
        raise Refused("Approve or return. Nothing was changed.")
    return redirect("approvals")


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise Refused("The page does not say which text it showed. Open the queue again.") from wrong
