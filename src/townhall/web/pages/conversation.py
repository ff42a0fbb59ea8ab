"""The conversation: understand in ten seconds, answer once, well."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from msgspec import Struct

from townhall.care import presence as viewing
from townhall.care import store as case_store
from townhall.channels import CHANNELS
from townhall.desk import conversation as desk_conversation
from townhall.desk.views import ConversationView, DraftView, PostView
from townhall.flow import cases
from townhall.flow.case_change import CaseMoved
from townhall.kernel.clock import HOUR, Instant, from_datetime
from townhall.kernel.errors import Refused
from townhall.people import store
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.inbox import filter_of, listing, query_of
from townhall.web.pages.words import local

KINDS = ("public", "private", "note")


class Changed(Struct, frozen=True):
    """Why a send stopped: what happened, and the posts that are new."""

    lead: str
    what: str
    posts: tuple[PostView, ...]


@require_GET
def page(request: HttpRequest, case_id: int) -> HttpResponse:
    """The thread beside the list; for htmx the columns alone."""
    here = guest(request, "read_case")
    return show(request, here, case_id, kind=request.GET.get("kind", "public"))


def show(
    request: HttpRequest,
    here: Guest,
    case_id: int,
    *,
    kind: str = "public",
    text: str | None = None,
    findings: list[Any] | None = None,
    changed: str = "",
    seen_post: int = 0,
    status: int = 200,
) -> HttpResponse:
    """The page of a case. ``text`` is what was just sent and refused; else the kept draft is shown."""
    view = desk_conversation.conversation(
        here.conn, here.asker.brand_id, case_id, here.asker.staff_id, here.now,
        before=request.GET.get("before", ""),
    )  # fmt: skip
    viewing.look(here.conn, here.asker.brand_id, case_id, here.asker.staff_id, here.asker.name, here.now)
    wanted = filter_of(request.GET)
    alone = bool(request.headers.get("HX-Request"))
    around = {"view": view, "urgent": 0} if alone else listing(here, wanted, "", view)
    words = (
        around
        | composing(view, kind, text)
        | {
            "findings": findings or [],
            "changed": _changed(view, changed, seen_post),
            "snoozes": snoozes(here),
            "colleagues": store.seats(here.conn, here.asker.brand_id),
            "folded": True,
            "earlier_query": query_of(wanted, before=view.earlier).removeprefix("?"),
        }
    )
    answer = render(request, "parts/conversation.html" if alone else "inbox.html", words, status=status)
    answer.headers["Vary"] = "HX-Request"
    return answer


def composing(view: ConversationView, kind: str, text: str | None) -> dict[str, Any]:
    """What the composer shows: kind, text, length, and why it cannot send."""
    chosen = kind if kind in KINDS else "public"
    kept = draft_of(view, chosen)
    shown = text if text is not None else (kept.text if kept else "")
    return {
        "kind": chosen,
        "text": shown,
        "length": length_of(view.composer.channel, shown),
        "saved_at": kept.saved_at if kept else 0,
        "refusals": view.composer.refusals if chosen != "note" else (),
    }


def length_of(channel: str, text: str) -> int:
    """The length of a text in the channel's own count."""
    return CHANNELS[channel].length(text) if channel in CHANNELS else len(text)


def draft_of(view: ConversationView, kind: str) -> DraftView | None:
    """The kept draft of that kind."""
    return next((draft for draft in view.composer.drafts if draft.kind == kind), None)


def _changed(view: ConversationView, what: str, seen_post: int) -> Changed | None:
    if not what:
        return None
    fresh = tuple(post for post in view.posts if seen_post and post.id > seen_post and not post.author.own)
    return Changed("Not sent" if seen_post else "Not done", what, fresh)


def snoozes(here: Guest) -> list[tuple[Instant, str]]:
    """When a case may come back: in two hours, tomorrow and next Monday at nine by the brand's clock."""
    today = local(here.now, here.brand.zone)

    def at_nine(days: int) -> Instant:
        morning = (today + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
        return from_datetime(datetime.fromisoformat(morning.isoformat()))

    return [
        (here.now + 2 * HOUR, "For two hours"),
        (at_nine(1), "Until tomorrow, 09:00"),
        (at_nine(7 - today.weekday()), "Until Monday, 09:00"),
    ]


def _number(request: HttpRequest, name: str) -> int:
    raw = request.POST.get(name, "0")
    if not raw.isdigit():
        raise Refused(f"{name} is a whole number, not {raw!r}.")
    return int(raw)


@require_POST
def act(request: HttpRequest, case_id: int, act: str) -> HttpResponse:
    """One act on a case. When somebody changed it first, the page says what is new and nothing is done."""
    here = guest(request, "assign")
    try:
        done = _do(here, case_id, act, request)
    except (CaseMoved, Refused) as no:
        return show(request, here, case_id, changed=str(no), status=no.status)
    messages.info(request, _SAID[act])
    return redirect(
        "inbox" if act in ("close", "snooze") else "case", *([] if act in ("close", "snooze") else [done])
    )


_SAID = {
    "take": "You hold this case.",
    "give_back": "The case waits for anybody.",
    "assign": "The case was handed over.",
    "snooze": "Put aside. It comes back by itself, and its promise runs on.",
    "close": "Done. Reopen it from Done in the state filter.",
    "reopen": "Open again.",
    "merge": "The two cases are one.",
    "split": "The newest post has a case of its own now.",
}


def _do(here: Guest, case_id: int, act: str, request: HttpRequest) -> int:
    """Calls the verb and gives the case to show next."""
    conn, asker, now = here.conn, here.asker, here.now
    version = _number(request, "version") or None
    match act:
        case "take":
            return cases.take(conn, asker, case_id, now, version=version).case
        case "give_back":
            return cases.assign(conn, asker, case_id, 0, now, version=version).case
        case "assign":
            return cases.assign(conn, asker, case_id, _number(request, "to"), now, version=version).case
        case "snooze":
            return cases.snooze(conn, asker, case_id, _number(request, "until"), now, version=version).case
        case "close":
            seen = _number(request, "seen_post")
            return cases.close(conn, asker, case_id, now, version=version, seen_post=seen).case
        case "reopen":
            return cases.reopen(conn, asker, case_id, now, version=version).case
        case "merge":
            return cases.merge(conn, asker, case_id, _number(request, "other"), now).case
        case "split":
            return cases.split(conn, asker, case_id, _number(request, "post"), now).case
    raise Refused(f"There is no act {act}.")


@require_POST
def undo(request: HttpRequest, case_id: int, change_id: int) -> HttpResponse:
    """Takes one change back exactly, or says what happened since."""
    here = guest(request, "assign")
    try:
        done = cases.undo(here.conn, here.asker, change_id, here.now)
    except (CaseMoved, Refused) as no:
        return show(request, here, case_id, changed=str(no), status=no.status)
    messages.info(request, "Undone.")
    return redirect("case", done.case)


@require_POST
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keeps a note for staff."""
    here = guest(request, "note")
    cases.note(here.conn, here.asker, case_id, request.POST.get("text", ""), here.now)
    return redirect("case", case_id)


@require_POST
def presence(request: HttpRequest, case_id: int) -> HttpResponse:
    """Says that the reader is here, and whether they type."""
    here = guest(request, "read_case")
    case_store.case(here.conn, here.asker.brand_id, case_id)
    viewing.look(
        here.conn, here.asker.brand_id, case_id, here.asker.staff_id, here.asker.name, here.now,
        typing=request.POST.get("typing") == "1",
    )  # fmt: skip
    return HttpResponse(status=204)
