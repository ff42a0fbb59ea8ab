"""The live page contradicts itself nowhere, says nothing of a brand that has nothing, and its forms fit a phone."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from desk_person import Person, free_case
from patience import until
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


def test_on_a_phone_a_case_shows_its_other_kinds_and_the_way_to_its_acts(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit(f"/case/{free_case(rows, 0)}/", width=360)
    for name in ("Private", "Note", "Acts"):
        shown = (
            page.locator("#open").get_by_role("link", name=name, exact=False).locator("visible=true").first
        )
        box = shown.bounding_box()
        assert (
            box and box["height"] >= 44 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 740
        ), name
    send = page.get_by_role("button", name="Send and next").bounding_box()
    other = page.locator(".tabs [data-kind-of=private]").bounding_box()
    assert other["x"] >= send["x"] + send["width"] and abs(other["y"] - send["y"]) <= 1
    page.locator(".tabs").get_by_role("link", name="Acts").click()
    take = page.get_by_role("button", name="Take").first
    take.wait_for(state="visible")
    until(page, "document.querySelector('#case-acts').getBoundingClientRect().top < 600")
    assert take.is_visible()
    page.locator(".tabs [data-kind-of=note]").click()
    page.wait_for_selector(".composer[data-kind=note]")


def test_the_moment_of_a_clock_is_never_cut_and_the_bar_of_new_rows_leaves_the_heads(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    over = """(clocks, words) => clocks.flatMap((clock) => {
        const says = clock.querySelector('.says'), moment = document.createRange();
        says.textContent = words;
        moment.setStart(says.firstChild, 0);
        moment.setEnd(says.firstChild, words.includes(' · ') ? words.indexOf(' · ') : words.length);
        const dots = says.scrollWidth > says.clientWidth ? 12 : 0;
        const end = moment.getBoundingClientRect().right + dots;
        const room = Math.min(...[says, clock, clock.closest('.first')].map((n) => n.getBoundingClientRect().right));
        return end <= room + 0.5 ? [] : [[end, room]];
    })"""
    for width in (1440, 360):
        page = visit("/inbox/?assignee=all", width=width)
        assert page.locator("#rows .clock").count() > 4
        for words in (
            "Wed 17:47 · held 23 h 42",
            "missed Wed 17:47 · 23 h ago",
            "04:36 · at Ann 12 min",
            "04:36",
        ):
            assert page.locator("#rows .clock").evaluate_all(over, words) == [], words
        page.evaluate(
            "() => { const b = document.querySelector('.fresh'); b.hidden = false; b.firstElementChild.textContent = '1000+ new, show'; }"
        )
        bar = page.locator(".fresh button").bounding_box()
        head = page.locator(".group h2 .count").first.bounding_box()
        assert bar["x"] >= head["x"] + head["width"] or bar["y"] >= head["y"] + head["height"]
        if width == 360:
            docked = page.locator(".next-thumb").bounding_box()
            assert docked["y"] >= 740 - 48 - 60 and bar["y"] >= 740 - 48 - 108, (
                "both in the dock above the bar of places"
            )
            dock = page.locator(".listing").evaluate("(n) => getComputedStyle(n, '::after').backgroundColor")
            assert dock not in ("rgba(0, 0, 0, 0)", "transparent"), "no row shows through"


def test_what_is_open_and_what_was_found_are_told_without_colour(visit: Callable[..., Any]) -> None:
    page = visit("/search/?q=signal")
    style = page.locator("mark").first.evaluate(
        "(n) => [getComputedStyle(n).textDecorationLine, getComputedStyle(n).fontWeight]"
    )
    assert style == ["underline", "600"]
    page = visit("/inbox/?assignee=all")
    page.locator("#rows .row").nth(1).click()
    page.wait_for_selector("#rows .row[aria-current=true]")
    assert "inset" in page.locator("#rows .row[aria-current=true]").evaluate(
        "(n) => getComputedStyle(n).boxShadow"
    )


def test_an_empty_brand_is_offered_no_next(visit: Callable[..., Any], staged: Stage) -> None:
    page = visit("/settings/", width=360)
    with at_brand(page, staged.empty_brand, staged.brand):
        page.goto(f"{staged.url}/inbox/")
        assert page.get_by_role("button", name="Next").count() == 0


def test_on_a_phone_the_state_of_a_brand_is_a_word_and_its_name_whole(
    visit: Callable[..., Any], staged: Stage
) -> None:
    page = visit("/settings/", width=360)
    name = page.locator(".top .brand .cut").first
    assert "demo data" in name.inner_text()
    assert name.evaluate("(n) => n.scrollWidth <= n.clientWidth + 1"), "the name is not cut"
    with at_brand(page, staged.empty_brand, staged.brand):
        page.goto(f"{staged.url}/settings/")
        assert "observe only" in page.locator(".top .brand").first.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_looks_alike_is_offered_where_incidents_are_listed(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    offered = visit("/inbox/?assignee=all").locator("form.alike").count()
    assert visit("/incidents/").locator("form.alike").count() == offered
    assert visit("/incidents/?state=closed").locator("form.alike").count() == 0


def test_a_found_post_leads_to_its_case_by_the_name_of_who_wrote_it(visit: Callable[..., Any]) -> None:
    page = visit("/search/?q=signal")
    names = page.locator("article.post .by a").evaluate_all(
        "(found) => found.map((one) => one.textContent.trim())"
    )
    assert len(names) > 3 and not [name for name in names if name.startswith("open")]
    page.locator("article.post .by a").first.click()
    page.wait_for_url("**/case/**")
