"""Posts and drafts in another language, by the brand's own service: shown beside the original, sent by a person alone."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from msgspec import Struct

from townhall.beside import store
from townhall.beside.ask import Answer, ask
from townhall.beside.logic.panel import Unreadable
from townhall.beside.logic.translation import (
    AUTO,
    MOST_CHARACTERS,
    UNKNOWN,
    Offer,
    Service,
    Translated,
    code_of,
    offer,
    read_translated,
)
from townhall.desk import beside as desk
from townhall.desk import interactions
from townhall.desk.views import ConversationView, PostView
from townhall.flow import translating as acts
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound, Refused
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.account import inside
from townhall.web.pages.brand import Guest, done_first, guest
from townhall.web.pages.label_words import tongue
from townhall.web.pages.words import brief

FAULTS = {
    "busy": "is asked by many at this moment",
    "unreachable": "did not answer",
    "slow": "took too long",
    "broken": "broke off",
    "refused": "refused it",
    "large": "answered more than it may",
    "answered": "gave an answer that cannot be read",
}
"""What became of a question that brought no translation, after the service's name."""


class Shown(Struct, frozen=True):
    """A translation, or why there is none: ``fault`` for everybody, ``why`` for those who set the service up. ``source``
    is the language it came from ("" where nobody knows), ``target`` the one it is in now."""

    at: Instant
    target: str
    text: str = ""
    source: str = ""
    fault: str = ""
    why: str = ""

    @property
    def timed(self) -> bool:
        """Whether the fault is one of that moment, and not of the text or of how many ask."""
        return bool(self.why) and self.fault != FAULTS["busy"]


def reads(user: Any, service: Service) -> str:
    """The language that the reader reads: their own setting, else the brand's."""
    return getattr(user, "reads", "") or service.reads


def offers(view: ConversationView, user: Any) -> dict[int, Offer]:
    """Post → the translation that is offered for it."""
    service = view.beside.translation
    if service is None:
        return {}
    wanted = reads(user, service)
    found = (
        (post.id, offer(service.languages, post.language, wanted)) for post in view.posts if standing(post)
    )
    return {post: one for post, one in found if one is not None}


def offered_words(view: ConversationView, user: Any) -> dict[str, Any]:
    """What a conversation shows of it: offers by post, the post of the key, and the language that a draft can go into."""
    offered = offers(view, user)
    return {"offers": offered, "key_post": by_key(offered, view.posts), "draft_to": draft_target(view, user)}


def standing(post: PostView) -> bool:
    """Whether a post has words that stand."""
    return bool(post.text.strip()) and not post.deleted_at


def by_key(offered: dict[int, Offer], posts: Iterable[PostView]) -> int:
    """The post that the key translates: the one that matters, else the newest of those offered (0: none)."""
    ours = [post for post in posts if post.id in offered]
    return next((post.id for post in ours if post.matter), ours[-1].id if ours else 0)


def draft_target(view: ConversationView, user: Any) -> str:
    """The language of the customer, where a draft can be translated to it ("" where not)."""
    service, spoken = view.beside.translation, view.case.language
    if service is None or spoken in UNKNOWN or offer(service.languages, reads(user, service), spoken) is None:
        return ""
    return spoken


def asked(request: HttpRequest, brand: int, text: str, wanted: Offer) -> Answer:
    """What became of a text that the service was given, outside of any transaction."""

    def work() -> Answer:
        with worker_hand() as conn:
            question = acts.question(conn, keys(), brand, text, wanted)
        return ask(question, inside()) if question else Answer("unreachable", why="it is not set up any more")

    return done_first(request, work)


def translated(request: HttpRequest, here: Guest, text: str, wanted: Offer) -> Shown:
    """A text in the wanted language, or why it is not."""
    if not text.strip() or len(text) > MOST_CHARACTERS:
        return Shown(here.now, wanted.target, fault=f"is given texts of 1 to {MOST_CHARACTERS:,} characters")
    answer = asked(request, here.brand.id, text, wanted)
    found = read_translated(answer.body) if answer.state == "answered" else Unreadable(answer.why)
    if answer.state != "busy":
        store.note(
            here.conn,
            here.brand.id,
            "translation",
            here.now,
            answer.why_kept or (found.why if isinstance(found, Unreadable) else ""),
        )
    if isinstance(found, Translated):
        source = found.source or ("" if wanted.source == AUTO else wanted.source)
        return Shown(here.now, wanted.target, found.text, source)
    return Shown(here.now, wanted.target, fault=FAULTS[answer.state], why=found.why)


def service_at(here: Guest) -> Service:
    """The brand's service. Raises ``NotFound`` where none is set."""
    system = store.one(here.conn, here.asker.brand_id, "translation")
    if system is None:
        raise NotFound("No translation service is set up.")
    return Service(system.name, **system.settings)


@require_POST
def post(request: HttpRequest, post_id: int) -> HttpResponse:
    """One post in the reader's language, for htmx as a part below it. It is kept nowhere."""
    here = guest(request, "read_case")
    service = service_at(here)
    found = interactions.interaction(here.conn, here.asker.brand_id, post_id)
    wanted = offer(service.languages, found.language, reads(request.user, service))
    if found.deleted_at or wanted is None:
        raise Refused(
            "That post is not translated: it is gone, or in a language that you read or the service does not."
        )
    shown = translated(request, here, found.text, wanted)
    words = {
        "shown": shown,
        "service": service,
        "post_id": post_id,
        "text": found.text,
        "language": found.language,
    }
    alone = bool(request.headers.get("HX-Request"))
    return render(request, "parts/translated.html" if alone else "translated.html", words)


@require_POST
def draft(request: HttpRequest, case_id: int) -> HttpResponse:
    """The draft in the customer's language, for the box: the person reads it and sends it, or takes it back."""
    here = guest(request, "reply")
    service = service_at(here)
    spoken = desk.language_of(here.conn, here.asker.brand_id, case_id)
    target = "" if spoken in UNKNOWN else code_of(spoken, service.languages)
    if not target:
        return JsonResponse(
            {
                "said": f"{capfirst(service.name)} does not know the customer’s language. Your draft is unchanged."
            }
        )
    text = request.POST.get("text", "").replace("\r\n", "\n")
    shown = translated(request, here, text, Offer(AUTO, target))
    at = brief(shown.at, request.user.zone or here.brand.zone, here.now)  # type: ignore[union-attr]
    if shown.fault:
        why = f" ({shown.why})" if shown.why and here.asker.may("manage_systems") else ""
        when = f" at {at}" if shown.timed else ""
        return JsonResponse(
            {"said": f"{capfirst(service.name)} {shown.fault}{when}{why}. Your draft is unchanged."}
        )
    said = f"Translated to {tongue(target)} by {service.name} at {at}, not by a person. Read it before you send it."
    return JsonResponse({"text": shown.text, "said": said})
