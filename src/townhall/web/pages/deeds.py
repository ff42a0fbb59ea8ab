"""Hiding, showing again and reporting posts on their network, from the conversation and from the approvals."""

from typing import Any, cast, get_args

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from townhall.channels.port import DeedKind
from townhall.flow import deed_approval, deeds
from townhall.flow.deeds import Wish
from townhall.kernel.digits import whole
from townhall.kernel.errors import Conflict, Refused
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.conversation import Changed, back, show

_NEEDS = {"approve": "approve", "refuse": "approve"}


@require_POST
def want(request: HttpRequest, case_id: int) -> HttpResponse:
    """Has a post of the conversation hidden, shown again or reported, with a reason."""
    here = guest(request, "moderate")
    kind, post = request.POST.get("kind", ""), whole(request.POST.get("post", ""))
    if kind not in get_args(DeedKind) or post is None:
        raise Refused("Hide, show again or report one post. Nothing was done.")
    wish = Wish(
        post_id=post, kind=cast(DeedKind, kind), reason=request.POST.get("reason", ""),
        comment=request.POST.get("comment", "").replace("\r\n", "\n") if kind == "report" else "",
        category=request.POST.get("category") or "other",
    )  # fmt: skip
    try:
        done = deeds.want(here.conn, here.asker, wish, here.now)
    except (Refused, Conflict) as no:
        return show(request, here, case_id, changed=Changed("Not done", str(no), ()), status=no.status)
    held = "It waits for approval." if done.state == "held" else "It goes out in ten seconds."
    messages.info(request, f"{held} Until then it can be taken back.")
    return back(request, case_id)


@require_POST
def act(request: HttpRequest, deed_id: int) -> HttpResponse:
    """One decision about it: approve, refuse, take back, or what became of it."""
    chosen = request.POST.get("act", "")
    here = guest(request, _NEEDS.get(chosen, "moderate"))
    messages.info(request, _do(here, deed_id, chosen, request.POST))
    case = whole(request.POST.get("case", ""))
    return back(request, case) if case is not None else redirect("/approvals/#deeds")


def _do(here: Guest, deed_id: int, chosen: str, given: Any) -> str:
    """Calls the verb and says what it came to."""
    conn, asker, now = here.conn, here.asker, here.now
    match chosen:
        case "approve":
            last = deed_approval.approve(conn, asker, deed_id, _digest(given.get("digest", "")), now)
            return (
                "Approved. It goes out in ten seconds."
                if last
                else "Your approval is kept. Others have to as well."
            )
        case "refuse":
            deed_approval.refuse(conn, asker, deed_id, given.get("reason", ""), now)
            return "Refused. It is not done."
        case "take_back":
            deeds.take_back(conn, asker, deed_id, now)
            return "Taken back. Nothing is done."
        case "done" | "again" | "drop":
            deeds.resolve(conn, asker, deed_id, chosen, now)
            return "It is done now." if chosen == "again" else "Decided."
    raise Refused("There is no such decision. Nothing was changed.")


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise Refused("The page does not say what it showed. Open it again.") from wrong
