"""Pages in the states that are not the usual one, by the same points and by axe; and the focus, on every page."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from stage_house import Stage
from test_points import AXE, PAGES, POINTS, opened, violations

pytestmark = [pytest.mark.browser, pytest.mark.database]

LOOKS = [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")]
EMPTY = (
    "/inbox/", "/approvals/", "/figures/", "/channels/", "/search/?q=nothing", "/start/", "/policy/", "/policy/versions/",
    "/routing/", "/models/", "/unsure/", "/notices/", "/articles/", "/articles/write/", "/settings/retention/", "/incidents/", "/incidents/?state=closed",
)  # fmt: skip
FOCUS = (Path(__file__).parent / "focus.js").read_text()
STOPS = 14


def judge(page: Any, width: int, path: str, but: str = "") -> None:
    """By all points (but one, where it does not apply), for what is too wide, and by axe."""
    found = page.evaluate(f"({POINTS})({json.dumps(width < 400)})")
    assert {point: faults for point, faults in found.items() if point != but} == {}, path
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if AXE.exists():
        assert violations(page) == [], path


@contextmanager
def at_brand(page: Any, brand: int, back: int) -> Iterator[None]:
    choose = (
        "(id) => fetch('/settings/brand/', {method: 'POST', body: new URLSearchParams({brand: id}),"
        " headers: {'X-CSRFToken': Townhall.token()}}).then((answer) => answer.status)"
    )
    assert page.evaluate(choose, str(brand)) == 200
    try:
        yield
    finally:
        assert page.evaluate(choose, str(back)) == 200


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_empty_pages(visit: Callable[..., Any], staged: Stage, width: int, theme: str) -> None:
    page = visit("/settings/", width=width, theme=theme)
    with at_brand(page, staged.empty_brand, staged.brand):
        for path in EMPTY:
            page.goto(staged.url + path)
            judge(page, width, path)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_sign_in_and_its_refusal(chromium: Any, staged: Stage, width: int, theme: str) -> None:
    size = {"width": width, "height": 900 if width > 400 else 740}
    context = chromium.new_context(viewport=size, color_scheme=theme)
    page = context.new_page()
    page.goto(f"{staged.url}/accounts/login/")
    judge(page, width, "sign-in", but="4")  # nothing stands above a door
    page.click("summary")
    page.fill("[name=login]", f"nobody{width}{theme}@example.org")
    page.fill("[name=password]", "not this one")
    page.click("details button")
    page.wait_for_selector("[role=alert], .error, .errorlist")
    judge(page, width, "sign-in refused", but="4")
    context.close()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_a_live_page_that_hears_nothing(visit: Callable[..., Any], width: int, theme: str) -> None:
    page = visit("/settings/", width=width, theme=theme)
    page.route("**/live/**", lambda route: route.abort())
    page.goto(page.url.replace("/settings/", "/figures/"))
    page.wait_for_timeout(6500)
    judge(page, width, "figures without data")


@pytest.mark.parametrize(
    ("path", "theme"), [(path, ("light", "dark")[place % 2]) for place, path in enumerate(PAGES)]
)
def test_the_focus_is_seen_on_every_page(visit: Callable[..., Any], path: str, theme: str) -> None:
    page = opened(visit, path, theme=theme)
    faults = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found and found[1]:
            faults.append(found)
    assert faults == [], path
