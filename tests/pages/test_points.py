"""The measurable points of the forty, and axe, on every page in both themes and sizes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.database]

HERE = Path(__file__).parent
POINTS = (HERE / "points.js").read_text()
AXE = HERE.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/inbox/?assignee=all", "CASE", "/approvals/", "/figures/", "/figures/waiting/", "/stop/", "/channels/", "/people/",
    "/settings/", "/start/", "/notices/", "/search/?q=signal", "/style/", "/case/1/",
)  # fmt: skip


def opened(visit: Callable[..., Any], path: str, **how: Any) -> Any:
    if path != "CASE":
        return visit(path, **how)
    page = visit("/inbox/?assignee=all", **how)
    page.goto(
        page.url.split("/inbox")[0] + page.locator("#rows .row").nth(2).get_attribute("href", timeout=5000)
    )
    return page


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")])
@pytest.mark.parametrize("path", PAGES)
def test_measured_points(visit: Callable[..., Any], path: str, width: int, theme: str) -> None:
    page = opened(visit, path, width=width, theme=theme)
    found = page.evaluate(f"({POINTS})({json.dumps(width < 400)})")
    assert found == {}, path


@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_at_320(visit: Callable[..., Any], path: str) -> None:
    page = opened(visit, path, width=320, height=640)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(visit: Callable[..., Any], path: str, width: int, theme: str) -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: make setup")
    page = opened(visit, path, width=width, theme=theme)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [
        (v["id"], [n["html"][:160] + " | " + n["failureSummary"][:200] for n in v["nodes"][:3]])
        for v in found["violations"]
    ]
    assert told == []
