"""The starter policies by trade, each shown on a few of the brand's own posts: what it would make of them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.desk import policy_use
from townhall.flow import trying
from townhall.policy import library
from townhall.policy.library import Pack
from townhall.policy.logic import Context, Verdict, judge
from townhall.web.hands import keys, worker_hand
from townhall.web.pages import policy_book
from townhall.web.pages.brand import Guest, guest
from townhall.web.patient import patiently


class Starter(Struct, frozen=True):
    """A starter policy on the brand's own posts. ``in_force``: the brand's active policy is this one, word for word."""

    pack: Pack
    in_force: bool
    examples: tuple[Verdict, ...]


class Way(Struct, frozen=True):
    """What a starter would do with a post. ``differs``: it is another act than that of the first starter."""

    pack: Pack
    verdict: Verdict
    differs: bool


def tried(here: Guest, digest: str) -> dict[str, Any]:
    """Every starter on the same five posts; ``digest`` is that of the policy in force, "" for none. A fixed number of
    queries: one, and four for each post."""
    posts = policy_use.examples(here.conn, here.asker)
    contexts: dict[int, Context] = {}
    if posts:
        with worker_hand() as conn:
            contexts = trying.contexts_of(conn, keys().kek, here.asker, [one.id for one in posts])
    shown = [one for one in posts if one.id in contexts]
    on = [contexts[one.id] for one in shown]
    starters = patiently(here.conn, lambda: [_on(one, digest, on) for one in _plain_first()])
    return {
        "reads": here.asker.may("read_case"),
        "starters": starters,
        "compared": [(post, _ways(starters, place)) for place, post in enumerate(shown)],
    }


def _ways(starters: list[Starter], place: int) -> list[Way]:
    """What each starter would do with the post at that place."""
    usual = starters[0].examples[place].effect
    found = ((one.pack, one.examples[place]) for one in starters)
    return [Way(pack, verdict, verdict.effect != usual) for pack, verdict in found]


def _plain_first() -> list[Pack]:
    """The starters by name, the one that fits most brands before all."""
    return sorted(library.packs(), key=lambda one: one.name != library.PLAIN)


def _on(pack: Pack, digest: str, contexts: list[Context]) -> Starter:
    policy = policy_book.parsed(library.source(pack.name))
    return Starter(pack, policy.digest == digest, tuple(judge(policy, contexts)))


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The starters side by side, for whoever reads the policy; a draft is begun by whoever may write it."""
    here = guest(request, "read_policy")
    active = policy_book.in_force(here)
    words = tried(here, active[1].digest if active else "")
    return render(request, "policy_starters.html", words | {"may_write": here.asker.may("write_policy")})
