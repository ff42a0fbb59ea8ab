"""What is written: drafts kept as one types, guard findings beside them, sending, and what became of it."""

from typing import Any, cast, get_args

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from townhall.channels.carried import MOST
from townhall.channels.redrawn import redrawn
from townhall.flow import cases, drafting, illustrating, outbound_decide, picturing
from townhall.flow import outbound as door
from townhall.flow.checking import check
from townhall.flow.moving import move_to_private
from townhall.flow.outbound_outcome import Blocked, Held, Outcome, Released, Silenced, Stopped
from townhall.kernel.digits import whole
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.finding import FindingKind
from townhall.outbound.store import outbox, releases, terms
from townhall.outbound.store.drafts import Draft
from townhall.web.hands import keys
from townhall.web.pages.brand import Guest, done_first, guest
from townhall.web.pages.conversation import KINDS, Changed, back, length_of, show, undo_url
from townhall.web.pages.finding_lines import finding_lines, while_writing
from townhall.web.pages.inbox import filter_of, next_url, query_of
from townhall.web.pages.words import moment

_NOTHING = Changed("Not sent", "There is nothing to send.", ())
_NOTHING_NEW = Changed("Not sent", "Nobody writes any more, and nothing is new.", ())
_NOT_ADDED = Changed(
    "Not sent",
    "The pictures that were chosen are not added yet. Choose them again and add them, then send.",
    (),
)


def _given(request: HttpRequest) -> dict[str, Any]:
    kind = request.POST.get("kind", "public")
    if kind not in KINDS:
        raise Refused("A message is public, private or a note.")
    numbers = [whole(request.POST.get(name) or "0") for name in ("reply_to", "seen_post", "seen_version")]
    if None in numbers:
        raise Refused("The page sent something that is no number. Open the conversation again.")
    reply_to, seen_post, seen_version = numbers
    return {
        "kind": kind, "text": request.POST.get("text", "").replace("\r\n", "\n"), "reply_to": reply_to,
        "seen_post": seen_post, "seen_version": seen_version, "pictures": _pictures(request),
    }  # fmt: skip


def _pictures(request: HttpRequest) -> tuple[tuple[int, str], ...]:
    """The pictures as the page showed them, each with what its author says it shows."""
    ids = [whole(one) for one in request.POST.getlist("picture")]
    if None in ids or len(ids) > MOST:
        raise Refused("The page sent pictures that cannot be these. Open the conversation again.")
    return tuple(
        (one, request.POST.get(f"alt-{one}", "").replace("\r\n", "\n").strip()) for one in ids if one
    )


@require_POST
def save(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keeps the draft and gives back its findings as they show under the text."""
    here, given = guest(request, "note"), _given(request)
    draft = illustrating.kept(here.conn, here.asker, _composed(request, case_id, given), here.now)
    if draft is None or draft.kind == "note":
        return HttpResponse("")
    kind, text = given["kind"], draft.text
    checked = check(
        here.conn, here.asker, case_id, kind, text, given["reply_to"], advice=request.user.advice,  # type: ignore[union-attr]
        pictures=draft.pictures,
    )  # fmt: skip
    found = while_writing(finding_lines(checked, terms.dismissals(here.conn, case_id)))
    words = {
        "findings": found,
        "advice": checked.advice,
        "wave": reverse("wave", args=[case_id]) if here.asker.may("reply") else "",
    }
    answer = render(request, "parts/findings.html", words)
    answer.headers["X-Length"] = str(length_of(request.POST.get("channel", ""), text))
    return answer


@require_POST
def pictures(request: HttpRequest, case_id: int) -> HttpResponse:
    """Adds pictures to the draft, or takes one out of it, and keeps what is written; gives back the pictures as they stand.

    Nothing leaves by it. A picture is drawn anew in no transaction: that takes its time."""
    here, given = guest(request, "reply"), _given(request)
    gone, files = whole(request.POST.get("remove") or "0"), request.FILES.getlist("files")
    why, made = "", []
    try:
        if files:
            room = picturing.room(here.conn, here.asker, case_id, given["kind"], len(files))
            made = done_first(request, lambda: [redrawn(file.read(), room.size) for file in files])
    except Refused as no:
        why = str(no)
    written = _composed(request, case_id, given)
    done = illustrating.illustrated(here.conn, keys().kek, here.asker, written, made, gone or 0, here.now)
    return _with_pictures(request, here, case_id, given["kind"], done.draft, why or done.why)


def _with_pictures(
    request: HttpRequest, here: Guest, case_id: int, kind: str, draft: Draft | None, why: str
) -> HttpResponse:
    """The pictures of the draft for a script; the whole page for a browser without."""
    if not request.headers.get("HX-Request"):
        not_added = Changed("Not added", why, ()) if why else None
        return show(request, here, case_id, kind=kind, changed=not_added)
    words = {"pictures": draft.pictures if draft else (), "case_id": case_id, "picture_error": why}
    return render(request, "parts/pictures.html", words)


@require_POST
def wave(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keeps "not a problem, because…" about a finding. It lifts no hold: whoever approves reads it."""
    here = guest(request, "reply")
    kind, words = request.POST.get("finding", ""), request.POST.get("words", "").replace("\r\n", "\n")
    if kind not in get_args(FindingKind):
        raise Refused("The guard knows no such finding.")
    because = request.POST.get("because", "").strip()[:300]
    outbound_decide.dismiss(here.conn, here.asker, case_id, cast(FindingKind, kind), words, because, here.now)
    return HttpResponse("")


@require_POST
def send(request: HttpRequest, case_id: int) -> HttpResponse:
    """Sends through the one door. It stops, with the text unchanged, when something is new or the guard says no."""
    here, given = guest(request, "note"), _given(request)
    if given["kind"] == "note":
        done = cases.note(here.conn, here.asker, case_id, given["text"], here.now)
        door.discard_draft(here.conn, here.asker, case_id, "note")
        messages.info(request, "The note is kept.", extra_tags=undo_url(request, done))
        return back(request, case_id)
    if any(request.POST.getlist("files")):  # only a browser without scripts names them here
        illustrating.kept(here.conn, here.asker, _composed(request, case_id, given), here.now)
        return show(request, here, case_id, kind=given["kind"], changed=_NOT_ADDED)
    if not given["text"].strip() and not given["pictures"]:
        return show(request, here, case_id, kind=given["kind"], text="", changed=_NOTHING, status=422)
    composed = _composed(request, case_id, given)
    if request.POST.get("then") == "compare":
        changed = door.compare(here.conn, here.asker, composed, here.now)
        seen = _what(changed) if changed else _NOTHING_NEW
        return show(request, here, case_id, kind=composed.kind, text=composed.text, changed=seen)
    force, moving = request.POST.get("force") == "1", request.POST.get("moving", "")
    if moving and composed.kind == "public":
        moved = move_to_private(
            here.conn, here.asker, composed, here.now, force=force, again=moving == "again"
        )
        return _moved(request, here, composed, moved)
    return answer(
        request, here, composed, door.submit(here.conn, here.asker, composed, here.now, force=force)
    )


def _composed(request: HttpRequest, case_id: int, given: dict[str, Any]) -> door.Composed:
    """What was given, with whether its author wants it approved, and why."""
    asks = request.POST.get("then") == "ask" or request.POST.get("asking") == "1"
    why = request.POST.get("ask_why", "").strip()[:300] if asks else ""
    return door.Composed(case_id=case_id, **given, ask=asks, ask_why=why)


def _moved(request: HttpRequest, here: Guest, composed: door.Composed, outcome: Outcome) -> HttpResponse:
    """After the polite line: the private message, or the same line with why it did not go."""
    if not isinstance(outcome, Released | Held):
        return answer(request, here, composed, outcome, moving=True)
    if isinstance(outcome, Held):
        said = f"The line is held: {outcome.why} The private message need not wait for it."
    else:
        at = moment(outcome.not_before, here.brand.zone)
        said = f"The line goes out at {at}; until then it can be taken back. Here you write in private."
    messages.info(request, said)
    return redirect(
        reverse("case", args=[composed.case_id]) + query_of(filter_of(request.GET), kind="private", write="1")
    )


def answer(
    request: HttpRequest, here: Guest, composed: door.Composed, outcome: Outcome, **shown: Any
) -> HttpResponse:
    """The page after a send: the next case, the receipt, or the same text with why it did not go."""

    if composed.ask:
        shown["asking"] = {"why": composed.ask_why}

    def again(**more: Any) -> HttpResponse:
        return show(request, here, composed.case_id, kind=composed.kind, text=composed.text, **shown, **more)

    match outcome:
        case Stopped(changed=changed):
            return again(changed=_what(changed))
        case Blocked(draft=draft):
            checked = check(
                here.conn, here.asker, composed.case_id, composed.kind, composed.text, composed.reply_to,
                pictures=draft.pictures if draft else (),
            )  # fmt: skip
            return again(findings=finding_lines(checked))
        case Silenced(why=why):
            return again(changed=Changed("Not sent", why, ()))
        case Held(why=why):
            messages.info(request, f"Held: {why} Your text waits for approval.")
            return back(request, composed.case_id)
        case Released(not_before=not_before):
            return _sent(request, here, composed.case_id, not_before)


_DOING = {
    "typing": "is writing an answer now",
    "held": "has an answer that waits for approval",
    "sending": "has an answer on its way",
    "sent": "has answered",
}
_NEWER = {"arrived": "", "edited": " (edited)", "deleted": " (deleted)"}


def _what(changed: Any) -> Changed:
    """What stopped the send, in words, and what the others said."""
    colleagues = [f"{one.name} {_DOING[one.doing]}." for one in changed.colleagues]
    fresh = [f"{len(changed.newer)} new since you looked."] if changed.newer else []
    what = " ".join([*fresh, *colleagues]) or "A colleague changed this case since you looked."
    said = [(one.author + _NEWER[one.change], one.text or "–") for one in changed.newer]
    said += [(one.name, one.text) for one in changed.colleagues if one.text]
    return Changed("Not sent", what, tuple(said))


def _sent(request: HttpRequest, here: Guest, case_id: int, not_before: int) -> HttpResponse:
    messages.info(
        request, f"It goes out at {moment(not_before, here.brand.zone)}; until then it can be taken back."
    )
    if request.POST.get("then") == "next":
        return redirect(next_url(here, filter_of(request.GET), case_id))
    return back(request, case_id)


@require_POST
def own_words(request: HttpRequest, case_id: int) -> HttpResponse:
    """The author's own words again, without what an approver put into them."""
    here = guest(request, "reply")
    drafting.own_words(here.conn, here.asker, case_id, request.POST.get("kind", ""), here.now)
    messages.info(request, "Your own words are the draft again.")
    return back(request, case_id)


@require_POST
def withdraw(request: HttpRequest, release_id: int) -> HttpResponse:
    """Takes a reply back before it leaves."""
    here = guest(request, "reply")
    draft = door.withdraw(here.conn, here.asker, release_id, here.now)
    messages.info(request, "Taken back. The text is your draft again.")
    return back(request, draft.case_id)


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
    return back(request, release.case_id)
