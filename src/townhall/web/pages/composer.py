"""What is written: drafts kept as one types, guard findings beside them, sending, and what became of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from msgspec import Struct

from townhall.flow import cases, outbound_decide
from townhall.flow import outbound as door
from townhall.flow.outbound_outcome import Blocked, Held, Outcome, Released, Silenced, Stopped
from townhall.kernel.errors import NotFound, Refused
from townhall.outbound.logic.words import Decision
from townhall.outbound.store import outbox, releases
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.conversation import KINDS, length_of, show
from townhall.web.pages.inbox import filter_of, next_url
from townhall.web.pages.words import moment


class FindingLine(Struct, frozen=True):
    """A finding as it shows under the text: its weight (hold, block), the words it is about, why."""

    weight: str
    words: str
    reason: str


def finding_lines(decision: Decision, text: str) -> list[FindingLine]:
    """What would hold or block, in the order of the text."""
    return [
        FindingLine(one.severity, text[one.finding.start : one.finding.end][:60], one.finding.reason)
        for one in decision.remarks
    ]


def _given(request: HttpRequest) -> dict[str, Any]:
    kind = request.POST.get("kind", "public")
    if kind not in KINDS:
        raise Refused("A message is public, private or a note.")
    words = [request.POST.get(name) or "0" for name in ("reply_to", "seen_post", "seen_version")]
    if not all(word.isdigit() for word in words):
        raise Refused("The page sent something that is no number. Open the conversation again.")
    reply_to, seen_post, seen_version = map(int, words)
    return {
        "kind": kind, "text": request.POST.get("text", "").replace("\r\n", "\n"), "reply_to": reply_to,
        "seen_post": seen_post, "seen_version": seen_version,
    }  # fmt: skip


@require_POST
def save(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keeps the draft and gives back its findings as they show under the text."""
    here, given = guest(request, "note"), _given(request)
    kind, text = given.pop("kind"), given.pop("text")
    if text.strip():
        door.save_draft(here.conn, here.asker, case_id, kind, text, here.now, **given)
    else:
        door.discard_draft(here.conn, here.asker, case_id, kind)
    if kind == "note" or not text.strip():
        return HttpResponse("")
    decision = door.check_draft(here.conn, here.asker, case_id, kind, text, given["reply_to"])
    answer = render(request, "parts/findings.html", {"findings": finding_lines(decision, text)})
    answer.headers["X-Length"] = str(length_of(request.POST.get("channel", ""), text))
    return answer


@require_POST
def send(request: HttpRequest, case_id: int) -> HttpResponse:
    """Sends through the one door. It stops, with the text unchanged, when something is new or the guard says no."""
    here, given = guest(request, "note"), _given(request)
    if given["kind"] == "note":
        cases.note(here.conn, here.asker, case_id, given["text"], here.now)
        door.discard_draft(here.conn, here.asker, case_id, "note")
        return redirect("case", case_id)
    if not given["text"].strip():
        return show(
            request,
            here,
            case_id,
            kind=given["kind"],
            text="",
            changed="There is nothing to send.",
            status=422,
        )
    composed = door.Composed(case_id=case_id, **given)
    outcome = door.submit(here.conn, here.asker, composed, here.now, force=request.POST.get("force") == "1")
    return answer(request, here, composed, outcome)


def answer(request: HttpRequest, here: Guest, composed: door.Composed, outcome: Outcome) -> HttpResponse:
    """The page after a send: the next case, the receipt, or the same text with why it did not go."""

    def again(**more: Any) -> HttpResponse:
        return show(request, here, composed.case_id, kind=composed.kind, text=composed.text, **more)

    match outcome:
        case Stopped(changed=changed):
            return again(changed=_what(changed), seen_post=composed.seen_post)
        case Blocked(decision=decision):
            return again(findings=finding_lines(decision, composed.text))
        case Silenced(why=why):
            return again(changed=why)
        case Held(why=why):
            messages.info(request, f"Held: {why} Your text waits for approval.")
            return redirect("case", composed.case_id)
        case Released(not_before=not_before):
            return _sent(request, here, composed.case_id, not_before)


def _what(changed: Any) -> str:
    colleagues = [f"{one.name} is answering ({one.doing})." for one in changed.colleagues]
    if changed.newer:
        return " ".join([f"{len(changed.newer)} new since you looked.", *colleagues])
    return " ".join(colleagues) or "A colleague changed this case since you looked."


def _sent(request: HttpRequest, here: Guest, case_id: int, not_before: int) -> HttpResponse:
    messages.info(
        request, f"It goes out at {moment(not_before, here.brand.zone)}; until then it can be taken back."
    )
    if request.POST.get("then") == "next":
        return redirect(next_url(here, filter_of(request.GET), case_id))
    return redirect("case", case_id)


@require_POST
def withdraw(request: HttpRequest, release_id: int) -> HttpResponse:
    """Takes a reply back before it leaves."""
    here = guest(request, "reply")
    draft = door.withdraw(here.conn, here.asker, release_id, here.now)
    messages.info(request, "Taken back. The text is your draft again.")
    return redirect("case", draft.case_id)


@require_POST
def settle(request: HttpRequest, release_id: int) -> HttpResponse:
    """What a person decides about a reply that hangs: it is there, it is not there, or it gets a new time."""
    here = guest(request, "reply")
    release = releases.get(here.conn, release_id)
    going = outbox.live_of(here.conn, release_id)
    if release is None or going is None or release.brand_id != here.asker.brand_id:
        raise NotFound("There is no such reply.")
    if request.POST.get("was_sent") == "later":
        outbound_decide.give_new_time(here.conn, here.asker, [going.id], here.now)
    else:
        verdict: outbound_decide.Verdict = "sent" if request.POST.get("was_sent") == "yes" else "again"
        outbound_decide.resolve(here.conn, here.asker, going.id, verdict, here.now)
    return redirect("case", release.case_id)
