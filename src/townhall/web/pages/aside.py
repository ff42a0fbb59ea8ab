"""What was set aside on its way in: why, what it is, and the ways to deal with it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.desk import channels as desk_channels
from townhall.flow import aside as acts
from townhall.intake import aside as store
from townhall.kernel.digits import whole
from townhall.kernel.errors import Broken, Refused
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.brand import Guest, guest

PAGE = 50


def page(request: HttpRequest) -> HttpResponse:
    """The newest first, of one reason if asked, a page at a time."""
    here = guest(request, "manage_accounts")
    reason, before = request.GET.get("reason", ""), whole(request.GET.get("before", "0"))
    if before is None:
        raise Refused("That page does not exist.")
    found = store.waiting(here.conn, here.asker.brand_id, reason=reason, before=before, limit=PAGE + 1)
    named = {
        line.account_id: line for line in desk_channels.channels(here.conn, here.asker.brand_id, here.now)
    }
    reasons = store.reasons(here.conn, here.asker.brand_id)
    words = {
        "items": [
            {"one": one, "line": named.get(one.account_id), "text": shown(one)} for one in found[:PAGE]
        ],
        "reasons": reasons,
        "waiting": sum(count for _, count in reasons),
        "reason": reason,
        "following": found[PAGE - 1].id if len(found) > PAGE else 0,
    }
    return render(request, "aside.html", words)


def shown(one: store.Aside) -> str:
    """What it is, or that nobody can say."""
    try:
        return acts.content(keys(), one)
    except Broken:
        return "It cannot be opened: what was kept was changed, or the key is another."


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Tries one, or all of a reason, again; or leaves one out."""
    here = guest(request, "manage_accounts")
    messages.info(request, _done(request, here))
    return redirect("aside")


def _done(request: HttpRequest, here: Guest) -> str:
    one = whole(request.POST.get("again") or request.POST.get("leave_out") or "0")
    if one is None:
        raise Refused("Choose one of the list. Nothing was changed.")
    with worker_hand() as conn:
        if reason := request.POST.get("again_all"):
            return told(acts.try_all(conn, keys(), here.asker, reason, here.now))
        if request.POST.get("again"):
            return told(acts.try_again(conn, keys(), here.asker, [one], here.now))
        acts.leave_out(conn, here.asker, one, here.now)
    return "Left out. What came is kept; nobody is asked about it again."


def told(tried: acts.Tried) -> str:
    """What became of a try."""
    parts = []
    if tried.taken:
        parts.append(f"{tried.taken} handed in again. What cannot be stored comes back here.")
    if tried.failed:
        parts.append(f"{tried.failed} cannot be read yet, for the reason shown.")
    return " ".join(parts)
