"""Pictures of every page in both sizes and themes, empty, usual, in a storm and in error: ``make pictures``.

Not collected with the tests; it writes to ``./pictures`` and judges nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage_house import Stage, feed
from test_points import PAGES, opened

from townhall.kernel.clock import SECOND, system_clock
from townhall.run.demo.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.database]

INTO = Path("pictures")
LOOKS = [(width, theme) for width in (1440, 360) for theme in ("light", "dark")]


def take(page: Any, name: str, width: int, theme: str) -> None:
    INTO.mkdir(exist_ok=True)
    page.wait_for_timeout(150)
    page.screenshot(path=INTO / f"{name}-{theme}-{width}.png")
    page.context.close()


def named(path: str) -> str:
    return path.split("?")[0].strip("/").replace("/", "-").lower() or "home"


@pytest.mark.parametrize(("width", "theme"), LOOKS)
@pytest.mark.parametrize("path", PAGES)
def test_usual(visit: Callable[..., Any], path: str, width: int, theme: str) -> None:
    take(opened(visit, path, width=width, theme=theme), f"{named(path)}-usual", width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_sign_in(chromium: Any, staged: Stage, width: int, theme: str) -> None:
    page = chromium.new_context(
        viewport={"width": width, "height": 900 if width > 400 else 740}, color_scheme=theme
    ).new_page()
    page.goto(f"{staged.url}/accounts/login/")
    take(page, "sign-in-usual", width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
@pytest.mark.parametrize(
    "path",
    [
        "/inbox/",
        "/approvals/",
        "/figures/",
        "/channels/",
        "/search/?q=nothing",
        "/start/",
        "/policy/",
        "/policy/versions/",
    ],
)
def test_empty(visit: Callable[..., Any], staged: Stage, path: str, width: int, theme: str) -> None:
    page = visit("/settings/", width=width, theme=theme)
    page.evaluate(
        "(id) => fetch('/settings/brand/', {method: 'POST', body: new URLSearchParams({brand: id}),"
        " headers: {'X-CSRFToken': Townhall.token()}})",
        str(staged.empty_brand),
    )
    page.goto(staged.url + path)
    name = f"{named(path)}-empty"
    INTO.mkdir(exist_ok=True)
    page.screenshot(path=INTO / f"{name}-{theme}-{width}.png")
    page.evaluate(
        "(id) => fetch('/settings/brand/', {method: 'POST', body: new URLSearchParams({brand: id}),"
        " headers: {'X-CSRFToken': Townhall.token()}})",
        str(staged.brand),
    )


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_error(visit: Callable[..., Any], width: int, theme: str) -> None:
    page = visit("/settings/", width=width, theme=theme)
    page.route("**/live/**", lambda route: route.abort())
    page.goto(page.url.replace("/settings/", "/figures/"))
    page.wait_for_timeout(6500)
    take(page, "figures-stale", width, theme)


def test_storm(visit: Callable[..., Any], staged: Stage) -> None:
    now, storm = system_clock(), []
    for said in Town(99, staged.url).days(now - 10 * SECOND, 1, lambda at: 144_000.0):
        if said.at > now or len(storm) >= 400:
            break
        storm.append(said)
    pages = [(visit("/inbox/?assignee=all", width=w, theme=t), w, t) for w, t in LOOKS]
    feed(staged.settings, staged.database, staged.accounts, storm)
    for page, width, theme in pages:
        page.wait_for_selector(".fresh:not([hidden]) button", timeout=15000)
        take(page, "inbox-storm", width, theme)
    for width, theme in LOOKS:
        take(visit("/figures/", width=width, theme=theme), "figures-storm", width, theme)
