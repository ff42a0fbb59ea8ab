"""What the frame of every page shows: brand, places, whether sending is stopped, and the reader's preferences."""

import json
from typing import Any

from django.http import HttpRequest

from townhall.people.doors import Asker
from townhall.web import assets
from townhall.web.pages import standing

PLACES = (
    ("inbox", "/inbox/", "Inbox", "read_case", "i"),
    ("approvals", "/approvals/", "Approvals", "read_approvals", "a"),
    ("live", "/figures/", "Live", "read_live", "l"),
    ("incidents", "/incidents/", "Incidents", "read_case", "n"),
    ("policy", "/policy/", "Policy", "read_policy", "p"),
    ("routing", "/routing/", "Routing", "read_routing", "w"),
    ("channels", "/channels/", "Channels", "read_live", "h"),
    ("people", "/people/", "People", "manage_people", "o"),
)

FINDS_SETTINGS = (
    "/settings/", "/notices/", "/duty/", "/targets/", "/terms/", "/answers/", "/articles/", "/channels/", "/people/", "/start/",
    "/routing/rules/", "/routing/queue/", "/routing/person/", "/accounts/2fa/",
)  # fmt: skip
"""Below these, ``/`` finds a setting instead of a customer."""


def places(asker: Asker | None, path: str) -> list[dict[str, Any]]:
    """The places this person may go, with the one they are at marked."""
    return [
        {"name": name, "url": url, "title": title, "key": key, "here": path.startswith(_root(url))}
        for name, url, title, act, key in PLACES
        if asker and asker.may(act)
    ]


def _root(url: str) -> tuple[str, ...]:
    also = {"/inbox/": ("/case/", "/search/"), "/incidents/": ("/incident/",)}
    return (url, *also.get(url, ()))


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of every template."""
    visit = getattr(request, "visit", None)
    asker = visit.asker if visit else None
    user = getattr(request, "user", None)
    known = bool(user and user.is_authenticated)
    return {
        "asker": asker,
        "brand": visit.brand if visit else None,
        "brands": visit.brands if visit else [],
        "now": visit.now if visit else 0,
        "places": places(asker, request.path),
        "finds_settings": request.path.startswith(FINDS_SETTINGS),
        "standing": standing.read(visit) if visit and asker else standing.NOTHING,
        "theme": user.theme if known else "",  # type: ignore[union-attr]
        "density": user.density if known else "",  # type: ignore[union-attr]
        "own_keys": json.dumps(user.own_keys) if known and user.own_keys else "",  # type: ignore[union-attr]
        "single_keys": user.single_keys if known else True,  # type: ignore[union-attr]
        "zone": (user.zone if known else "") or (visit.brand.zone if visit and visit.brand else "UTC"),  # type: ignore[union-attr]
        "styles": assets.address("css"),
        "scripts": assets.address("js"),
    }
