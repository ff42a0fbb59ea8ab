"""Trying the policy on a text or a past post, and why a post was judged as it was: the same words for both."""

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.care import store as cases
from townhall.desk import interactions, policy_use
from townhall.flow import trying
from townhall.flow.trying import Imagined, Tried
from townhall.kernel.digits import whole
from townhall.kernel.errors import NotFound, Refused
from townhall.policy.logic import FIELDS, Policy, RuleExplanation
from townhall.policy.logic.english import times_in_words
from townhall.policy.logic.explain import Atom
from townhall.web.hands import keys, worker_hand
from townhall.web.pages import policy_book
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.policy_words import decided, fact_words, queue_words, value_words, were_words
from townhall.web.patient import patiently

VISIBILITIES = ("public", "direct")
_OF_ITS_WORDS = frozenset({"post.text", "post.signs"})
"""Facts that say a post's own words: of one that its author deleted they are not told."""


class Part(Struct, frozen=True):
    """A part of a condition as it showed on this post: in words, whether it held, and the values it saw."""

    words: str
    held: bool | None
    saw: str


class RuleSaid(Struct, frozen=True):
    """What one rule made of the post, in words. ``because`` are the parts that decided, ``more`` how many further ones did."""

    id: str
    matched: bool
    in_force: bool
    effect: str
    reason: str
    because: tuple[Part, ...]
    more: int = 0


class Change(Struct, frozen=True):
    """One fact that would have changed the verdict: if what were so, which rule would do what."""

    if_so: str
    rule: str
    effect: str


class VerdictSaid(Struct, frozen=True):
    """A verdict as pages show it. ``decided`` is the rule that decided, None when none matched."""

    words: str
    queue: str
    times: str
    reason: str
    decided: RuleSaid | None
    matched: tuple[RuleSaid, ...]
    missed: tuple[RuleSaid, ...]
    changes: tuple[Change, ...]
    policy: Policy
    seen: tuple[str, ...]


def said(found: Tried, *, gone: bool = False) -> VerdictSaid:
    """What was tried, in words; without the post's own ones when it is ``gone``."""
    verdict, hidden = found.explanation.verdict, _OF_ITS_WORDS if gone else frozenset()
    rules = [_rule(found, one, hidden) for one in found.explanation.rules]
    return VerdictSaid(
        words=decided(verdict.effect),
        queue=queue_words(verdict),
        times=times_in_words(verdict),
        reason=verdict.reason,
        decided=next((one for one in rules if one.id == verdict.rule), None),
        matched=tuple(one for one in rules if one.matched),
        missed=tuple(one for one in rules if not one.matched),
        changes=tuple(_change(one) for one in found.would_change if one.field not in hidden),
        policy=found.policy,
        seen=_seen(found, hidden),
    )


def _rule(found: Tried, one: RuleExplanation, hidden: frozenset[str]) -> RuleSaid:
    rule = next(rule for rule in found.policy.rules if rule.id == one.rule)
    because = tuple(_part(found, atom, one.matched, hidden) for atom in one.because)
    return RuleSaid(rule.id, one.matched, one.in_force, decided(rule.effect), rule.reason, because, one.more)


def _part(found: Tried, atom: Atom, matched: bool, hidden: frozenset[str]) -> Part:
    """A deciding part, said the way it counts."""
    told = [name for name, _ in atom.saw if name != "post.text" and name not in hidden]
    seen = [name for name in told if FIELDS[name][1] != "bool"]
    shown = {name: getattr(found.context, FIELDS[name][0]) for name in seen}
    alone = len(shown) == 1
    values = "; ".join(value_words(v, n) if alone else fact_words(n, v) for n, v in shown.items())
    seen_already = atom.words.endswith(values)
    return Part(atom.words, None if atom.held is None else matched, "" if seen_already else values)


def _change(one: Any) -> Change:
    """What would have changed it, in words."""
    so = _text_changed(one.was, one.value) if one.field == "post.text" else were_words(one.field, one.value)
    return Change(so, one.rule, decided(one.effect))


def _text_changed(was: str, value: str) -> str:
    """The words that the text would say more or less, and the whole of it where it would be another."""
    if was and value.startswith(f"{was} "):
        return f"the text also said “{value[len(was) + 1 :]}”"
    if was and value.endswith(f" {was}"):
        return f"the text began with “{value[: -len(was) - 1]}”"
    gone, come = (
        Counter(one.split()) - Counter(other.split()) for one, other in ((was, value), (value, was))
    )
    if gone and not come:
        return f"the text did not say “{' '.join(gone.elements())}”"
    return f"the text were “{value}”"


def _seen(found: Tried, hidden: frozenset[str]) -> tuple[str, ...]:
    """What was understood of the post, without its text."""
    return tuple(
        fact_words(path, getattr(found.context, name))
        for path, (name, _) in FIELDS.items()
        if path not in ("post.text", "brand.slug", "author.handle") and path not in hidden
    )


def page(request: HttpRequest) -> HttpResponse:
    """A text or a past post, and what the policy makes of it; for htmx the verdict alone."""
    here = guest(request, "read_policy")
    policy_book.make_ready()
    given = request.POST if request.method == "POST" else request.GET
    active = policy_book.in_force(here)
    if active is None:
        raise NotFound("This brand has no policy in force yet, so there is nothing to try.")
    post, text = given.get("post", ""), given.get("text", "").replace("\r\n", "\n")
    words: dict[str, Any] = {"text": text, "policy": active[1], "given": given}
    if post:
        words |= _on_post(here, post, active[1])
    elif request.method == "POST":
        words["verdict"] = said(_on_text(here, given, text, active[1]))
    if request.headers.get("HX-Request"):
        return render(request, "parts/verdict.html", words)
    newest = policy_use.newest_posts(here.conn, here.asker)
    return render(
        request,
        "policy_try.html",
        words | {"newest": newest, "reads": here.asker.may("read_case")},
    )


def _on_post(here: Guest, post: str, policy: Policy) -> dict[str, Any]:
    number = _number(post)
    view = interactions.interaction(here.conn, here.asker.brand_id, number)
    with worker_hand() as conn:
        context, _, _ = trying.context_of(conn, keys().kek, here.asker, number)
    found = patiently(here.conn, lambda: trying.tried(policy, context))
    return {"verdict": said(found, gone=bool(view.deleted_at)), "post": view, "text": ""}


def _on_text(here: Guest, given: Any, text: str, policy: Policy) -> Tried:
    visibility = given.get("visibility", "public")
    if visibility not in VISIBILITIES:
        raise Refused("A post can be seen by everybody or by us alone.")
    imagined = Imagined(
        text,
        visibility=visibility,
        is_reply=bool(given.get("is_reply")),
        author_known=bool(given.get("known")),
    )
    context = trying.imagine(here.conn, here.asker, here.brand, imagined, here.now)
    understanding = policy_book.reader(here)
    return patiently(here.conn, lambda: trying.tried(policy, context(understanding)))


@require_GET
def why(request: HttpRequest, interaction_id: int) -> HttpResponse:
    """Why a post was judged so, by the version that judged it."""
    here = guest(request, "read_case")
    view = interactions.interaction(here.conn, here.asker.brand_id, interaction_id)
    with worker_hand() as conn:
        context, version, source = trying.context_of(conn, keys().kek, here.asker, interaction_id)
    found = patiently(here.conn, lambda: trying.tried(policy_book.parsed(source), context))
    words = {
        "verdict": said(found, gone=bool(view.deleted_at)),
        "post": view,
        "version": policy_use.version_number(here.conn, here.asker.brand_id, version),
        "case_id": policy_use.case_of(here.conn, here.asker.brand_id, view.thread_id, view.author_id),
    }
    return render(request, "policy_why.html", words)


@require_GET
def why_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Why the newest post of a case was judged so."""
    here = guest(request, "read_case")
    case = cases.case(here.conn, here.asker.brand_id, case_id)
    return redirect("policy_why", case.latest_post)


def _number(given: str) -> int:
    post = whole(given)
    if post is None:
        raise Refused("Choose a post from the list.")
    return post
