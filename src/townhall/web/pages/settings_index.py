"""Every setting by its name, with the place where it is set: what ``/`` finds on the pages of settings."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from msgspec import Struct
from msgspec.structs import replace

from townhall.channels import CHANNELS
from townhall.desk import channels, directory
from townhall.people.doors import Asker
from townhall.web.pages.brand import Visit
from townhall.web.pages.words import network

LONGEST = 100
"""Characters of what is looked for."""


class Setting(Struct, frozen=True):
    """One setting: its name, other words people look for it by, its address, the act it needs ("" for none), and the group it
    stands in."""

    name: str
    also: str
    url: str
    act: str = ""
    group: str = "You"


def _own() -> list[Setting]:
    settings, keys = reverse("settings"), reverse("own_keys")
    return [
        Setting("Theme", "light dark colours look", f"{settings}#id_theme"),
        Setting("Rows", "density compact relaxed height lists", f"{settings}#id_density"),
        Setting("Language", "translate read", f"{settings}#id_reads"),
        Setting("Time zone", "clock hours local", f"{settings}#id_zone"),
        Setting(
            "Suggestions while I write", "advice hints greeting tone switch off", f"{settings}#id_advice"
        ),
        Setting("Single keys", "shortcuts keyboard switch off", f"{settings}#id_single_keys"),
        Setting("Your own keys", "shortcuts keyboard remap change", keys),
        Setting("Passkeys and codes", "sign-in security two factor password recovery", reverse("mfa_index")),
        Setting(
            "Notifications",
            "how you are told e-mail webhook alarms",
            reverse("notices") + "#ways",
            "read_live",
        ),
        Setting("Set-up steps", "onboarding start", reverse("start")),
    ]


def _brand() -> list[Setting]:
    people, terms, listed = reverse("people"), reverse("terms"), reverse("channels")
    return [
        Setting("On call", "order of duty alarms escalation who is told", reverse("duty"), "read_live"),
        Setting("Targets of figures", "goals usual live page", reverse("targets"), "read_live"),
        Setting("Stored answers", "macros templates replies", reverse("answers"), "read_case"),
        Setting("Articles", "help centre knowledge suggestions import", reverse("articles"), "read_case"),
        Setting(
            "Words and web addresses", "replies held guard terms forbidden lexicon", terms, "read_approvals"
        ),
        Setting("Own web addresses", "hosts links domains guard", f"{terms}#hosts", "read_approvals"),
        Setting("Observe only", "may the brand answer leave sending", f"{listed}#observe", "read_live"),
        Setting("Invite somebody", "people seats users colleagues", f"{people}#invite", "manage_people"),
        Setting("Roles", "people rights permissions", people, "manage_people"),
        Setting("Access for programs", "tokens API keys", f"{people}#tokens", "manage_people"),
        Setting(
            "Rules for all queues", "routing order weights tiers", reverse("routing_rules"), "manage_routing"
        ),
        Setting("Posts as they are judged", "set-up newest understood", reverse("start_posts"), "read_case"),
        Setting("Starter policies", "response policy by trade", reverse("policy_starters"), "read_policy"),
        Setting(
            "Versions of the policy", "drafts review roll back", reverse("policy_versions"), "read_policy"
        ),
        Setting("Stop outbound", "emergency kill switch release", reverse("stop"), "stop_outbound"),
    ]


def _ways_in() -> list[Setting]:
    """What comes in, what stands beside it, and what becomes of it."""
    return [
        Setting(
            "Posts that could not be read",
            "set aside rejected unreadable",
            reverse("aside"),
            "manage_accounts",
        ),
        Setting(
            "Import a file",
            "posts archive outbox ndjson upload history",
            reverse("imports"),
            "manage_accounts",
        ),
        Setting(
            "Own systems",
            "panel orders plan account CRM customer integration",
            reverse("own_systems"),
            "manage_systems",
        ),
        Setting(
            "Translation", "languages LibreTranslate service key", reverse("translation"), "manage_systems"
        ),
        Setting(
            "Retention",
            "deleted posts withhold keep show erase archive law",
            reverse("retention"),
            "read_case",
        ),
    ]


def every(visit: Visit) -> list[Setting]:
    """What this person may set or see, in the order of the pages. Two queries at most, whatever their number."""
    asker, conn = visit.asker, visit.conn
    if asker is None:
        return allowed(_own(), None)
    kinds = [
        Setting(
            f"Connect {card.title}",
            "channel account new",
            reverse("connect") + f"?kind={kind}",
            "manage_accounts",
        )
        for kind, card in ((kind, adapter.card) for kind, adapter in CHANNELS.items())
    ]
    accounts = [
        Setting(f"{network(one.channel)} {one.handle}", "channel account pause token renew disconnect",
                reverse("account", args=[one.account_id]), "read_live")
        for one in channels.channels(conn, asker.brand_id, visit.now)
    ] if asker.may("read_live") else []  # fmt: skip
    queues = [
        Setting(f"Queue {one.name}", "routing skills overflow", reverse("routing_queue", args=[one.slug]), "manage_routing")
        for one in directory.queues(conn, asker.brand_id)
    ] if asker.may("manage_routing") else []  # fmt: skip
    brand = [replace(one, group=_GROUPS.get(one.act, "Brand")) for one in (*_brand(), *_ways_in())]
    networks = [replace(one, group="Channels") for one in (*kinds, *accounts)]
    return allowed([*_own(), *brand, *networks, *(replace(one, group="Routing") for one in queues)], asker)


_GROUPS = {
    "manage_routing": "Routing",
    "read_policy": "Policy",
    "manage_accounts": "Channels",
    "manage_people": "People",
}
"""The act that a setting of the brand needs → its group; the rest stand under the brand."""
ORDER = ("You", "Brand", "People", "Policy", "Routing", "Channels")


def grouped(settings: Iterable[Setting]) -> list[tuple[str, list[Setting]]]:
    """Settings by group, in the order of their names."""
    found = sorted(settings, key=lambda one: one.name.casefold())
    held = [(group, [one for one in found if one.group == group]) for group in ORDER]
    return [(group, lines) for group, lines in held if lines]


OWN = ("Passkeys and codes", "Notifications", "Your own keys")
SHARED = (
    "Set-up steps", "Stored answers", "Articles", "Retention", "Words and web addresses", "Targets of figures", "On call",
    "Own systems", "Translation", "Stop outbound",
)  # fmt: skip
"""The settings that stand by name on a person's own page, in this order: their own, and those of the brand."""


def listed(names: Iterable[str], asker: Asker | None) -> list[Setting]:
    """Those of these names that the asker may open."""
    known = {one.name: one for one in allowed([*_own(), *_brand(), *_ways_in()], asker)}
    return [known[name] for name in names if name in known]


def allowed(settings: Iterable[Setting], asker: Asker | None) -> list[Setting]:
    """Those that the asker may open."""
    return [one for one in settings if not one.act or (asker and asker.may(one.act))]


def matching(settings: Iterable[Setting], query: str) -> list[Setting]:
    """Those that hold every word looked for: by name first, a name that begins so before all, then by their other words."""
    words = query.casefold().split()

    def place(one: Setting) -> int:
        name = one.name.casefold()
        if name.startswith(" ".join(words)):
            return 0
        return 1 if all(word in name for word in words) else 2

    fit = [one for one in settings if all(word in f"{one.name} {one.also}".casefold() for word in words)]
    return sorted(fit, key=place)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The settings that match; straight to it when there is one only."""
    query = request.GET.get("q", "").strip()[:LONGEST]
    found = matching(every(request.visit), query)  # type: ignore[attr-defined]
    if query and len(found) == 1:
        return redirect(found[0].url)
    return render(
        request,
        "settings_find.html",
        {"found": found, "query": query, "groups": [("", found)] if query else grouped(found)},
    )
