"""Incidents: cases about one thing gathered, led, and told of; from the inbox, a conversation, or what rises."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from townhall.care import incidents as store
from townhall.care.logic.incident import named_after
from townhall.desk import incidents as desk
from townhall.desk.views.incidents import Alike
from townhall.flow import incidents as acts
from townhall.flow.incidents import Done
from townhall.kernel.clock import HOUR, MINUTE, Instant, from_datetime
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused
from townhall.people import store as people
from townhall.web.given import given_number
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.gathering import suggested
from townhall.web.pages.inbox import filter_of, query_of
from townhall.web.pages.statement_shown import statement_of
from townhall.web.pages.words import local


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Open incidents, or those that are closed."""
    here = guest(request, "read_case")
    closed = request.GET.get("state") == "closed"
    lines, cursor = desk.incidents(here.conn, here.asker.brand_id, closed, request.GET.get("cursor", ""))
    continued = bool(request.GET.get("cursor"))
    words = {"lines": lines, "cursor": cursor, "closed": closed, "continued": continued}
    offer = {} if closed or continued else suggested(here)
    return render(request, "incidents.html", words | offer)


@require_GET
def page(request: HttpRequest, number: int) -> HttpResponse:
    """One incident: who leads it, its statement, its cases, its story."""
    return show(request, guest(request, "read_case"), number)


def show(
    request: HttpRequest, here: Guest, number: int, typed: dict[str, Any] | None = None, wrong: str = ""
) -> HttpResponse:
    """The page. ``typed`` is a statement that was refused, ``wrong`` why."""
    view = desk.incident(here.conn, here.asker.brand_id, number, request.GET.get("cursor", ""), here.now)
    incident = store.get(here.conn, here.asker.brand_id, number)
    may_gather = here.asker.may("gather_cases")
    words: dict[str, Any] = {
        "view": view,
        "line": view.line,
        "overdue": 0 < view.line.next_update < here.now,
        "continued": bool(request.GET.get("cursor")),
        "may_gather": may_gather,
        "may_lead": may_gather and acts.leads(here.asker, incident),
        "may_undo": {one for one in acts.UNDOABLE if may_gather and acts.may_undo(here.asker, incident, one)},
        "colleagues": people.seats(here.conn, here.asker.brand_id),
        "moments": moments(here),
        **statement_of(here, number, typed),
        "wrong": wrong,
    }
    return render(request, "incident.html", words, status=422 if wrong else 200)


def moments(here: Guest) -> list[tuple[Instant, str]]:
    """When a next update may be promised: soon, and tomorrow at nine by the brand's clock."""
    tomorrow = local(here.now, here.brand.zone) + timedelta(days=1)
    nine = tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)
    return [
        (here.now + 30 * MINUTE, "In 30 minutes"),
        (here.now + HOUR, "In an hour"),
        (here.now + 2 * HOUR, "In two hours"),
        (here.now + 4 * HOUR, "In four hours"),
        (from_datetime(nine), "Tomorrow, 09:00"),
        (0, "None is due"),
    ]


_SAID = {
    "close": "Closed. Its cases stay as they are.",
    "reopen": "Open again.",
    "give": "It is led so now.",
    "update": "The next update is promised so; whoever leads it is told when it is overdue.",
    "rename": "It has that title now.",
}


@require_POST
def act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """One act on an incident."""
    here = guest(request, "gather_cases")
    done = _do(request, here, number, act)
    said = _SAID.get(act) or _of_cases(done, "taken out")
    messages.info(request, said, extra_tags=_undo(done) if done.change else "")
    return redirect("incident", number)


def _do(request: HttpRequest, here: Guest, number: int, act: str) -> Done:
    conn, asker, now = here.conn, here.asker, here.now
    match act:
        case "close":
            return acts.close(conn, asker, number, now)
        case "reopen":
            return acts.reopen(conn, asker, number, now)
        case "give":
            return acts.give(conn, asker, number, given_number(request, "to"), now)
        case "update":
            return acts.promise_update(conn, asker, number, given_number(request, "at"), now)
        case "rename":
            return acts.rename(conn, asker, number, request.POST.get("title", ""), now)
        case "unlink":
            return acts.unlink(conn, asker, number, chosen(request), now)
    raise Refused(f"There is no act {act}.")


@require_POST
def undo(request: HttpRequest, number: int, change_id: int) -> HttpResponse:
    """Takes one act back, or says what happened since."""
    here = guest(request, "gather_cases")
    acts.undo(here.conn, here.asker, number, change_id, here.now)
    messages.info(request, "Undone.")
    if case := whole(request.GET.get("case", "")):
        return redirect(reverse("case", args=[case]) + query_of(filter_of(request.GET)))
    if request.GET.get("from") == "inbox":
        return redirect("/inbox/" + query_of(filter_of(request.GET)))
    return redirect("incident", number)


@require_POST
def gather(request: HttpRequest) -> HttpResponse:
    """The selected cases under an open incident, or under a new one."""
    here = guest(request, "gather_cases")
    cases = chosen(request)
    if not cases:
        raise Refused("Select cases with x, then gather them. Nothing was changed.")
    done = _gathered(request, here, cases)
    keep = query_of(filter_of(request.GET), **{"from": "inbox"})
    messages.info(
        request,
        f"INC {done.number}: {_of_cases(done, 'gathered')}",
        extra_tags=_undo(done, keep) if done.change else "",
    )
    return redirect("/inbox/" + query_of(filter_of(request.GET)))


@require_POST
def of_case(request: HttpRequest, case_id: int, act: str) -> HttpResponse:
    """One conversation under an incident, or out of it."""
    here = guest(request, "gather_cases")
    if act == "unlink":
        done = acts.unlink(here.conn, here.asker, given_number(request, "incident"), [case_id], here.now)
        said = f"Taken out of INC {done.number}."
    else:
        done = _gathered(request, here, [case_id])
        said = f"Gathered under INC {done.number}."
    if done.left:
        said = "Nothing was changed: it is there already, or under another incident that is open."
    keep = query_of(filter_of(request.GET), case=str(case_id))
    messages.info(request, said, extra_tags=_undo(done, keep) if done.cases else "")
    return redirect(reverse("case", args=[case_id]) + query_of(filter_of(request.GET)))


def _gathered(request: HttpRequest, here: Guest, cases: list[int]) -> Done:
    if request.POST.get("incident"):
        return acts.link(here.conn, here.asker, given_number(request, "incident"), cases, here.now)
    return acts.open_incident(here.conn, here.asker, request.POST.get("title", ""), cases, here.now)


@require_POST
def alike(request: HttpRequest) -> HttpResponse:
    """An incident of what looks alike now; where there is one of it already, the cases go there."""
    here = guest(request, "gather_cases")
    found = desk.alike(here.conn, here.asker.brand_id, here.now)
    if found is None or found.surge != request.POST.get("surge"):
        raise Refused("What looked alike is gathered already, or is no surge any more. Nothing was changed.")
    done = _of_alike(here, found)
    messages.info(request, f"INC {done.number}: {_of_cases(done, 'gathered')}", extra_tags=_undo(done))
    return redirect("incident", done.number)


def _of_alike(here: Guest, found: Alike) -> Done:
    if found.incident:
        return acts.link(here.conn, here.asker, found.incident, found.cases, here.now)
    title = named_after(found.what)
    return acts.open_incident(here.conn, here.asker, title, found.cases, here.now, surge=found.surge)


def _undo(done: Done, keep: str = "") -> str:
    return reverse("incident_undo", args=[done.number, done.change]) + keep


def _of_cases(done: Done, word: str) -> str:
    left = f"; {done.left} were there already or under another that is open" if done.left else ""
    return f"{len(done.cases)} case{'' if len(done.cases) == 1 else 's'} {word}{left}."


def chosen(request: HttpRequest) -> list[int]:
    """The cases that were selected: at most a page of them."""
    found = (whole(one) for one in request.POST.getlist("case")[:200])
    return [one for one in found if one is not None]
