"""What must not move or lie: rows under pointer and focus, clocks between two moments, figures without data."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from patience import until
from stage_house import Stage, feed

from townhall.kernel.clock import SECOND, system_clock
from townhall.run.demo.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.database]


def rows(page: Any) -> Any:
    return page.evaluate(
        "[...document.querySelectorAll('#rows .row')].map((r) => [r.id, r.getBoundingClientRect().top])"
    )


def test_a_storm_moves_no_row_and_is_counted_in_a_bar(visit: Callable[..., Any], staged: Stage) -> None:
    page = visit("/inbox/?assignee=all")
    page.locator("#rows .row").nth(1).hover()
    page.locator("#rows .row").nth(2).focus()
    before = rows(page)
    now, storm = system_clock(), []
    for said in Town(99, staged.url).days(now - 10 * SECOND, 1, lambda at: 144_000.0):
        if said.at > now or len(storm) >= 400:
            break
        storm.append(said)
    assert len(storm) == 400
    feed(staged.settings, staged.database, staged.accounts, storm)
    page.wait_for_selector(".fresh:not([hidden]) button", timeout=15000)
    assert re.match(r"\d+\+? new, show", page.locator(".fresh button").inner_text())
    assert [row for row, _ in rows(page)] == [row for row, _ in before]
    moved = [now_at - was for (_, was), (_, now_at) in zip(before, rows(page), strict=True)]
    assert set(map(round, moved)) == {0}, "the bar must not push"
    assert page.evaluate("document.activeElement.id") == before[2][0]


def test_clocks_and_bands_differ_by_text_only(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=all")
    take = "[...document.querySelectorAll('.clock, .band')].map((n) => { const c = n.cloneNode(true); c.querySelectorAll('.says').forEach((s) => s.textContent = ''); return c.outerHTML; })"
    first = page.evaluate(take)
    page.wait_for_timeout(1100)
    assert page.evaluate(take) == first


def test_five_seconds_without_data_are_said_in_words(visit: Callable[..., Any]) -> None:
    page = visit("/settings/")
    page.route("**/live/**", lambda route: route.abort())
    page.goto(page.url.replace("/settings/", "/figures/"))
    until(page, "document.querySelector('[data-live-words]').textContent.startsWith('No data for')")
    assert "as of" in page.locator("[data-live-words]").first.inner_text()


def test_pause_stops_what_is_shown_and_counts_what_is_missed(visit: Callable[..., Any]) -> None:
    page = visit("/figures/")
    page.locator(".top [data-pause]").click()
    until(page, "/Paused .* [1-9]\\d* change/.test(document.querySelector('[data-live-words]').textContent)")
    page.locator(".top [data-pause]").click()
    until(page, "document.querySelector('[data-live-words]').textContent.startsWith('Live')")


def test_focus_is_visible_on_every_stop(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=all")
    for _ in range(24):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "(() => { const n = document.activeElement, s = getComputedStyle(n), b = n.getBoundingClientRect();"
            " return [n.outerHTML.slice(0, 90), parseFloat(s.outlineWidth), s.outlineStyle, b.bottom > 0 && b.top < innerHeight]; })()"
        )
        assert found[1] >= 2 and found[2] == "solid" and found[3], found[0]


def test_a_draft_survives_reload_and_another_device(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=all")
    address = page.locator("#rows .row").nth(5).get_attribute("href")
    page.goto(page.url.split("/inbox")[0] + address)
    page.locator("#box").fill("Half a thought")
    until(page, "document.querySelector('[data-draft-state]').textContent.includes('Draft kept')")
    other = visit(address, width=360)
    assert other.locator("#box").input_value() == "Half a thought"


def test_guard_findings_show_while_one_types(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=all")
    address = page.locator("#rows .row").nth(6).get_attribute("href")
    page.goto(page.url.split("/inbox")[0] + address)
    page.locator("#box").fill("We guarantee that it is back tonight.")
    page.wait_for_selector(".finding.hold")
    assert "guarantee" in page.locator(".finding q").inner_text()
