"""The conversation: understand in ten seconds, answer once, well."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.care import presence as viewing
from townhall.channels import CHANNELS
from townhall.channels.carried import LARGEST
from townhall.desk import conversation as desk_conversation
from townhall.desk import directory
from townhall.desk import labels as desk_labels
from townhall.desk.views import ConversationView, DraftView, InboxFilter, PostView
from townhall.flow import cases
from townhall.kernel.clock import HOUR, Instant, from_datetime
from townhall.people import store
from townhall.policy.logic import PRIORITIES
from townhall.web.pages import gathering
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.finding_lines import lines_of_draft
from townhall.web.pages.inbox import filter_of, listing, query_of
from townhall.web.pages.texts import difference
from townhall.web.pages.translating import offered_words
from townhall.web.pages.words import local

KINDS = ("public", "private", "note")


class Changed(Struct, frozen=True):
    """Why a send stopped: what happened, and who said what: posts that are new, and what a colleague writes."""

    lead: str
    what: str
    said: tuple[tuple[str, str], ...]


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
    changed: Changed | None = None,
    moving: bool = False,
    asking: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a case. ``text`` is what was just sent and refused; else the kept draft is shown.

    ``moving``: that text is the line that moves the thread to private; ``asking``: its author wants it approved.
    """
    view = desk_conversation.conversation(
        here.conn, here.asker.brand_id, case_id, here.asker.staff_id, here.now,
        before=request.GET.get("before", ""),
    )  # fmt: skip
    viewing.look(here.conn, here.asker.brand_id, case_id, here.asker.staff_id, here.asker.name, here.now)
    wanted, alone = filter_of(request.GET), bool(request.headers.get("HX-Request"))
    words = {
        **({"view": view, "urgent": 0} if alone else listing(here, wanted, "", view)),
        **written(here, view, kind, text, findings, bool(changed or request.GET.get("write"))),
        **offered(here, view, wanted, request.user),
        "changed": changed,
        "moving": moving,
        "asking": asking,
        "marks": marks(here, view),
    }
    answer = render(request, "parts/conversation.html" if alone else "inbox.html", words, status=status)
    answer.headers["Vary"] = "HX-Request"
    if alone and request.method == "POST":
        answer.headers["HX-Replace-Url"] = reverse("case", args=[case_id]) + query_of(wanted, kind=kind)
    return answer


def written(
    here: Guest,
    view: ConversationView,
    kind: str,
    text: str | None,
    findings: list[Any] | None,
    writing: bool,
) -> dict[str, Any]:
    """The composer and what the guard says of it. ``writing``: somebody is at it, whether or not it holds anything yet."""
    words = composing(here, view, kind, text)
    writing = bool(writing or findings or words["text"] or words["pictures"])
    return {
        **words,
        **noticed(here, view, words, findings),
        "wave": reverse("wave", args=[view.case.id]) if here.asker.may("reply") else "",
        "closed": closed(view, words["kind"], writing),
    }


def marks(here: Guest, view: ConversationView) -> dict[int, desk_labels.Mark]:
    """What was read of each post, and what people said of that."""
    matter = next((post.id for post in view.posts if post.matter), 0)
    return desk_labels.marks(here.conn, here.asker, [post.id for post in view.posts], matter)


def noticed(
    here: Guest, view: ConversationView, words: dict[str, Any], findings: list[Any] | None
) -> dict[str, Any]:
    """The findings of a send that was refused, else of the draft as it is; ``unsaid``: a send wants to know what a picture shows."""
    if findings is None and view.case.state not in ("closed", "merged"):
        findings = lines_of_draft(
            here.conn, here.asker, view.case.id, words["kind"], words["text"], words["pictures"]
        )
    unsaid = any(one.kind == "no_alt_text" for one in findings or ())
    return {"findings": findings or [], "unsaid": unsaid}


def offered(here: Guest, view: ConversationView, wanted: InboxFilter, user: Any) -> dict[str, Any]:
    """What the acts on a case can name: moments, colleagues, other queues, other people of the thread, translations."""
    brand = here.asker.brand_id
    return {
        "snoozes": snoozes(here),
        "colleagues": store.seats(here.conn, brand),
        "queues": [one for one in directory.queues(here.conn, brand) if one.slug != view.case.queue],
        "strangers": strangers(view),
        "folded": True,
        **gathering.offered(here),
        "priorities": [(n, word) for n, word in enumerate(PRIORITIES) if n != view.case.priority],
        "keep": query_of(wanted),
        "earlier_query": query_of(wanted, before=view.earlier).removeprefix("?"),
        **offered_words(view, user),
    }


def strangers(view: ConversationView) -> list[PostView]:
    """The newest post of each other customer in the thread: who could have a case of their own."""
    known = {one.id for one in view.person.identities} | {view.person.id}
    others = [post for post in view.posts if not post.author.own and post.author.id not in known]
    return list({post.author.id: post for post in others if not post.deleted_at}.values())


def composing(here: Guest, view: ConversationView, kind: str, text: str | None) -> dict[str, Any]:
    """What the composer shows: kind, text, length, and why it cannot send. Who may not answer writes notes."""
    chosen = (
        kind if kind in KINDS and here.asker.may("reply") else "public" if here.asker.may("reply") else "note"
    )
    kept = draft_of(view, chosen)
    shown = text if text is not None else (kept.text if kept else "")
    edited = kept if kept and kept.editor else None
    return {
        "kind": chosen,
        "text": shown,
        "length": length_of(view.composer.channel, shown),
        "saved_at": kept.saved_at if kept else 0,
        "edited": edited,
        "edited_difference": difference(edited.earlier, shown) if edited else "",
        "refusals": view.composer.refusals if chosen != "note" else (),
        "pictures": kept.pictures if kept else (),
        "room": view.composer.room(chosen),
        "largest": LARGEST,
    }


def closed(view: ConversationView, kind: str, writing: bool) -> bool:
    """Whether the composer closes into the receipt of a held answer: nobody writes on, and it is no note."""
    return kind != "note" and not writing and any(one.state == "held" for one in view.releases)


def length_of(channel: str, text: str) -> int:
    """The length of a text in the channel's own count."""
    return CHANNELS[channel].length(text) if channel in CHANNELS else len(text)


def draft_of(view: ConversationView, kind: str) -> DraftView | None:
    """The kept draft of that kind."""
    return next((draft for draft in view.composer.drafts if draft.kind == kind), None)


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


def undo_url(request: HttpRequest, done: cases.Done) -> str:
    """Where *Undo* of what was just done leads; the filter stays."""
    query = query_of(filter_of(request.GET))
    return reverse("case_undo", args=[done.case, done.change]) + query


def back(request: HttpRequest, case_id: int) -> HttpResponse:
    """To the case, within the filter that is set."""
    return redirect(reverse("case", args=[case_id]) + query_of(filter_of(request.GET)))
