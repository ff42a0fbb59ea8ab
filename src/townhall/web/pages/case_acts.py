"""What is done with a case, each act undone by one press, and the note beside it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from townhall.desk import directory
from townhall.flow import cases
from townhall.flow.case_change import CaseMoved
from townhall.kernel.errors import Refused
from townhall.web.given import given_number
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.conversation import Changed, back, show, undo_url
from townhall.web.pages.inbox import filter_of, query_of


@require_POST
def act(request: HttpRequest, case_id: int, act: str) -> HttpResponse:
    """One act on a case. When somebody changed it first, the page says what is new and nothing is done."""
    here = guest(request, "assign")
    try:
        done = _do(here, case_id, act, request)
    except (CaseMoved, Refused) as no:
        return show(request, here, case_id, changed=Changed("Not done", str(no), ()), status=no.status)
    messages.info(request, _SAID[act], extra_tags=undo_url(request, done))
    if act in ("close", "snooze"):
        return redirect("/inbox/" + query_of(filter_of(request.GET)))
    return back(request, done.case)


_SAID = {
    "take": "You hold this case.",
    "give_back": "The case waits for anybody.",
    "assign": "The case was handed over.",
    "snooze": "Put aside. It comes back by itself, and its promise runs on.",
    "close": "Done. Reopen it from Done in the state filter.",
    "reopen": "Open again.",
    "move": "It waits in the other queue.",
    "merge": "The two cases are one.",
    "wait": "It waits for somebody outside. Where the policy lets that count, its clock stands still.",
    "wait_over": "It waits for nobody outside any more.",
    "prioritise": "Its priority is changed. A shorter promise holds from now; a longer one moves nothing.",
    "split": "That person has a case of their own now.",
}


def _do(here: Guest, case_id: int, act: str, request: HttpRequest) -> cases.Done:
    """Calls the verb."""
    conn, asker, now = here.conn, here.asker, here.now
    version = given_number(request, "version", "0") or None
    match act:
        case "take":
            return cases.take(conn, asker, case_id, now, version=version)
        case "give_back":
            return cases.assign(conn, asker, case_id, 0, now, version=version)
        case "assign":
            return cases.assign(conn, asker, case_id, given_number(request, "to", "0"), now, version=version)
        case "snooze":
            return cases.snooze(
                conn, asker, case_id, given_number(request, "until", "0"), now, version=version
            )
        case "close":
            seen = given_number(request, "seen_post", "0")
            return cases.close(conn, asker, case_id, now, version=version, seen_post=seen)
        case "reopen":
            return cases.reopen(conn, asker, case_id, now, version=version)
        case "merge":
            return cases.merge(conn, asker, case_id, given_number(request, "other", "0"), now)
        case "split":
            return cases.split(conn, asker, case_id, given_number(request, "post", "0"), now)
        case "move":
            queue = request.POST.get("queue", "")
            if queue not in {one.slug for one in directory.queues(conn, asker.brand_id)}:
                raise Refused("That queue does not exist. Nothing was changed.")
            return cases.move(conn, asker, case_id, queue, now, version=version)
        case "wait" | "wait_over":
            over = act == "wait_over"
            why = "" if over else _why(request)
            return cases.wait(conn, asker, case_id, now, version=version, over=over, why=why)
        case "prioritise":
            priority = given_number(request, "priority", "0")
            return cases.prioritise(conn, asker, case_id, priority, now, version=version, why=_why(request))
    raise Refused(f"There is no act {act}.")


def _why(request: HttpRequest) -> str:
    why = request.POST.get("why", "").strip()
    if not why:
        raise Refused("Say why: whoever reads the promise later has to understand it. Nothing was changed.")
    return why


@require_POST
def undo(request: HttpRequest, case_id: int, change_id: int) -> HttpResponse:
    """Takes one change back exactly, or says what happened since."""
    here = guest(request, "assign")
    try:
        done = cases.undo(here.conn, here.asker, change_id, here.now)
    except (CaseMoved, Refused) as no:
        return show(request, here, case_id, changed=Changed("Not done", str(no), ()), status=no.status)
    messages.info(request, "Undone.")
    return back(request, done.case)


@require_POST
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keeps a note for staff."""
    here = guest(request, "note")
    done = cases.note(here.conn, here.asker, case_id, request.POST.get("text", ""), here.now)
    messages.info(request, "The note is kept.", extra_tags=undo_url(request, done))
    return back(request, case_id)
