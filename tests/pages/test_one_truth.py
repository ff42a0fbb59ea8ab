"""The live page contradicts itself nowhere, says nothing of a brand that has nothing, and its forms fit a phone."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from desk_person import Person
from stage_house import ANN, Stage
from test_live_periods import program
from test_states import at_brand

pytestmark = [pytest.mark.browser, pytest.mark.database]
__all__ = ["program"]


def test_missed_is_the_rest_of_the_share_on_the_page_and_for_programs(
    visit: Callable[..., Any], program: httpx.Client
) -> None:
    text = visit("/figures/?period=w").locator(".tile[data-figure=promises]").inner_text()
    met, due = (int(n.replace(",", "")) for n in re.findall(r"([\d,]+) of ([\d,]+)\n", text)[0])
    said = re.search(r"([\d,]+|none) missed", text)
    assert said and (0 if said[1] == "none" else int(said[1].replace(",", ""))) == due - met
    parts = program.get("/api/metrics/promises_week").json()["parts"]
    assert parts["missed"] == parts["late"] + parts["unanswered"]


@pytest.mark.parametrize("path", ["/figures/", "/figures/?period=w"])
def test_nothing_is_called_usual_before_usual_exists(visit: Callable[..., Any], path: str) -> None:
    text = visit(path).locator("#live").inner_text()
    assert "Usual is shown from" in text
    left = text.replace("Usual is shown from", "").replace("usual not before 14 days", "")
    assert "usual" not in left.lower(), left
    assert "against the 24 hours before" in text


def test_a_brand_without_a_post_is_not_told_that_all_is_right(
    visit: Callable[..., Any], staged: Stage
) -> None:
    page = visit("/settings/")
    with at_brand(page, staged.empty_brand, staged.brand):
        page.goto(f"{staged.url}/figures/")
        text = page.locator("main").inner_text()
        assert "Nothing can be judged yet" in text and "All right" not in text
        assert page.locator(".tile, .breakdown").count() == 0
        page.wait_for_function("/Live · as of/.test(document.querySelector('[data-live-words]').textContent)")
        page.get_by_role("link", name="Connect a channel").click()
        page.wait_for_url("**/channels/")


@pytest.mark.parametrize("path", ["/figures/send/", "/notices/"])
def test_forms_stand_in_one_column_on_a_phone(visit: Callable[..., Any], path: str) -> None:
    page = visit(path, width=360)
    boxes = page.locator("main form.below > *:not([type=hidden])").evaluate_all(
        "(found) => found.map((n) => n.getBoundingClientRect()).map(({left, top, width, bottom}) => ({left, top, width, bottom}))"
    )
    fields = [box for box in boxes if box["width"] > 200]
    assert len(fields) >= 2 and len({round(box["left"]) for box in boxes[: len(fields) + 1]}) == 1
    assert all(after["top"] >= box["bottom"] for box, after in itertools.pairwise(fields))


def test_a_frozen_view_names_moments(visit: Callable[..., Any], desk: Callable[[str], Person]) -> None:
    ann = desk(ANN)
    made = ann.sends("/figures/send/", period="w", note="")
    view = made.url.path
    page = visit(view)
    shown = page.locator("#work").evaluate(
        "(page) => [...page.querySelectorAll('time .short')].map((one) => one.textContent)"
    )
    assert shown and not [one for one in shown if re.search("just now|ago", one)]
    assert "frozen by Ann Ferrer" in visit(view, width=360).locator("#work").inner_text()
