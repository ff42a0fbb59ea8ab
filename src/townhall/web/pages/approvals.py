"""The approval queue: decide in ten seconds, with confidence."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.desk import approvals as desk_approvals
from townhall.desk import deeds as desk_deeds
from townhall.desk import doubts
from townhall.flow import outbound_approval as door
from townhall.flow.outbound_delegate import delegate
from townhall.flow.outbound_outcome import Awaiting, Released
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused
from townhall.people import store
from townhall.web.pages.brand import guest
from townhall.web.pages.proof import require_fresh
from townhall.web.pages.statement_shown import held_statements

MOST_ACTS = 50
"""Acts that wait shown at most: the newest."""


def page(request: HttpRequest) -> HttpResponse:
    """What is held, most urgent first."""
    here = guest(request, "read_approvals")
    queue = desk_approvals.approvals(
        here.conn, here.asker.brand_id, here.asker.staff_id, here.now,
        cursor=request.GET.get("cursor", ""), reason=request.GET.get("reason", ""),
    )  # fmt: skip
    seats = [
        one for one in store.seats(here.conn, here.asker.brand_id) if one.staff_id != here.asker.staff_id
    ]
    stated = held_statements(here)
    held = [
        {
            "item": item,
            "first": not stated and item is queue.items[0],
            "may": here.asker.may("approve")
            and bool(here.asker.roles & set(item.approvers))
            and not item.decided
            and item.editor_id != here.asker.staff_id,
            "able": [
                one
                for one in seats
                if set(one.roles) & set(item.approvers)
                and one.staff_id not in (item.author_id, item.editor_id)
            ]
            if here.asker.may("approve")
            else [],
        }
        for item in queue.items
    ]
    keep = urlencode({"reason": request.GET["reason"]}) if request.GET.get("reason") else ""
    acts, _ = desk_deeds.deeds(here.conn, here.asker.brand_id, 0, MOST_ACTS, states=desk_deeds.WAITING)
    stuck = doubts.stuck_replies(here.conn, here.asker.brand_id)
    words = {"queue": queue, "held": held, "keep": keep, "acts": acts, "stuck": stuck, "statements": stated}
    return render(request, "approvals.html", words)


@require_POST
def decide(request: HttpRequest, release_id: int) -> HttpResponse:
    """Approves exactly the text that was shown, returns it with a reason or edited, or asks somebody else to decide."""
    here = guest(request, "approve")
    decision, digest = (
        request.POST.get("decision") or request.GET.get("decision", ""),
        request.POST.get("digest", ""),
    )
    if decision == "approve":
        if desk_approvals.warns(here.conn, here.asker.brand_id, release_id):
            require_fresh(request)
        messages.info(
            request, _approved(door.approve(here.conn, here.asker, release_id, _digest(digest), here.now))
        )
    elif decision == "return":
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Refused("Say what should change, then return it. Nothing was changed.")
        door.send_back(here.conn, here.asker, release_id, reason, here.now)
        messages.info(request, "Returned to its author with your words.")
    elif decision == "edit":
        text = request.POST.get("text", "").replace("\r\n", "\n")
        why = request.POST.get("edited_why", "").strip()
        door.send_back(here.conn, here.asker, release_id, why, here.now, text=text, seen=_digest(digest))
        messages.info(request, "Given back: your words are its author's draft now, beside their own.")
    elif decision == "delegate":
        to = whole(request.POST.get("to", "")) or 0
        delegate(here.conn, here.asker, release_id, to, here.now)
        messages.info(request, "They are told now. Whoever decides first, decides.")
    else:
        raise Refused("Approve or return. Nothing was changed.")
    reason = request.GET.get("reason", "")
    return redirect("/approvals/" + (f"?{urlencode({'reason': reason})}" if reason else ""))


def _approved(done: Released | Awaiting) -> str:
    if isinstance(done, Awaiting):
        wanted = " or ".join(sorted(done.approvers))
        return f"Your approval is kept, {done.given} of {done.wanted}. It waits for {wanted}, another person."
    return "Approved. It leaves after the short time in which its author may undo it."


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise Refused("The page does not say which text it showed. Open the queue again.") from wrong
