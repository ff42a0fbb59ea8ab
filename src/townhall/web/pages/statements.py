"""A statement for all cases of an incident: written and asked for on its page, approved in the queue, stopped and taken up again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from townhall.flow import statements as acts
from townhall.kernel.clock import HOUR
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.incidents import show
from townhall.web.pages.proof import require_fresh
from townhall.web.pages.statement_shown import HOURS, statement_of


@require_POST
def write(request: HttpRequest, number: int) -> HttpResponse:
    """Keeps it as a draft and shows whom it would reach; a refused text stays in its box."""
    here = guest(request, "reply")
    hours = request.POST.get("hours", "")
    typed: dict[str, Any] = {
        "text": request.POST.get("text", "").replace("\r\n", "\n"),
        "language": request.POST.get("language", ""),
        "scope": request.POST.get("scope", "now"),
        "hours": int(hours) if hours in map(str, HOURS) else 4,
    }
    until = here.now + typed["hours"] * HOUR
    try:
        acts.write(
            here.conn, here.asker, number, typed["text"], typed["language"], typed["scope"], until, here.now
        )
    except Refused as no:
        return show(request, here, number, typed, str(no))
    return _to(number)


@require_POST
def act(request: HttpRequest, number: int, statement_id: int, act: str) -> HttpResponse:
    """Asks for its approval, withdraws, stops, takes up again or ends it."""
    here = guest(request, "read_case")
    messages.info(request, _do(request, here, statement_id, act))
    return _to(number)


def _do(request: HttpRequest, here: Guest, statement_id: int, act: str) -> str:
    conn, asker, now = here.conn, here.asker, here.now
    match act:
        case "ask":
            version = request.POST.get("version", "")
            number = whole(version) or 0
            fits = acts.ask(conn, asker, statement_id, number, now)
            return f"Approval is asked for {_replies(fits)}. Whoever may approve is told at once."
        case "withdraw":
            acts.withdraw(conn, asker, statement_id, now)
            return "Withdrawn. Nothing went out."
        case "stop":
            back = acts.stop(conn, asker, statement_id, now)
            return f"Stopped. {_replies(back)} taken back before they left; nothing more begins to go."
        case "go-on":
            require_fresh(request)
            acts.go_on(conn, asker, statement_id, now)
            return "It goes on."
        case "end":
            left = acts.end(conn, asker, statement_id, now)
            return f"Ended. {_replies(left)} will not be sent."
    raise Refused(f"There is no act {act}.")


def _replies(many: int) -> str:
    return f"{many} repl{'y' if many == 1 else 'ies'}"


@require_GET
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is, for the page that shows it."""
    here = guest(request, "read_case")
    words = {**statement_of(here, number), "number": number}
    if words["statement"] is None:
        return HttpResponse("")
    return render(request, "parts/statement_progress.html", words)


@require_POST
def decide(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Approves exactly the statement that was shown, or returns it with a reason."""
    here = guest(request, "approve")
    if request.POST.get("decision") == "approve":
        require_fresh(request)
        try:
            digest = bytes.fromhex(request.POST.get("digest", ""))
        except ValueError as wrong:
            raise Refused("The page does not say which statement it showed. Open the queue again.") from wrong
        fits = acts.approve(here.conn, here.asker, statement_id, digest, here.now)
        messages.info(request, f"Approved as statement: {_replies(fits)} begin to go.")
    else:
        acts.send_back(here.conn, here.asker, statement_id, request.POST.get("reason", ""), here.now)
        messages.info(request, "Returned to its author with your words.")
    return redirect("approvals")


def _to(number: int) -> HttpResponse:
    return redirect(reverse("incident", args=[number]) + "#statement")
