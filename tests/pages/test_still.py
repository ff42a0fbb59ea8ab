"""What must not move or lie: rows under pointer and focus, clocks between two moments, figures without data."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from patience import until
from psycopg.types.json import Jsonb
from stage_house import Stage, feed, look_round

from townhall.database.connect import connect
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


def test_the_live_page_fits_one_screen_on_a_bad_day(visit: Callable[..., Any], staged: Stage) -> None:
    """Every channel behind, three things that need somebody: still no scrolling at 1440 × 900, and each figure says so."""
    with connect(staged.database.dsn("worker")) as conn:
        conn.execute(
            "UPDATE account_health SET state = 'behind', lag_seconds = 420, since = now() - interval '7 min'"
        )
        try:
            look_round(conn, staged.brand)
            page = visit("/figures/")
            until(
                page,
                "document.querySelectorAll('.plot canvas').length === document.querySelectorAll('.plot').length",
            )
            assert (
                page.evaluate("document.querySelector('#live .triple').getBoundingClientRect().bottom") <= 900
            )
            assert page.locator(".attention li").count() >= 2
            silent = page.evaluate(
                "[...document.querySelectorAll('.tile')].filter((t) => !t.textContent.includes('without')).map((t) => t.dataset.figure)"
            )
        finally:
            conn.execute("UPDATE account_health SET state = 'ok', lag_seconds = 0")
            look_round(conn, staged.brand)
    assert silent == ["held"]


@pytest.mark.parametrize(
    ("period", "every", "slots"), [("", "minute", 60), ("d", "hour", 24), ("w", "hour", 168)]
)
def test_a_chart_draws_what_its_table_says(
    visit: Callable[..., Any], period: str, every: str, slots: int
) -> None:
    page = visit(f"/figures/?period={period}")
    until(page, "document.querySelectorAll('.plot canvas').length > 0")
    drawn = page.evaluate(
        "[...document.querySelectorAll('[data-plot]')].map((p) => JSON.parse(p.dataset.plot))"
    )
    assert len({one["top"] for one in drawn}) == 1, "small multiples share a scale"
    page.get_by_role("link", name=f"Table of every {every}").click()
    page.wait_for_selector("#slots tbody tr")
    told = page.evaluate(
        "[...document.querySelectorAll('#slots tbody tr')].map((r) => [...r.querySelectorAll('td')].map((c) => Number(c.textContent)))"
    )
    part = int(every == "hour" and len(told) == slots + 1)  # the first hour, if only its end is in the period
    assert len(told) - part == slots
    for place, one in enumerate(drawn):
        table = [row[place] for row in reversed(told)][part:]
        assert any(one["posts"][late:] == table[: slots - late] for late in (0, 1)), (
            "a minute may pass between the pages"
        )


def test_pause_stops_what_is_shown_and_counts_what_is_missed(visit: Callable[..., Any]) -> None:
    page = visit("/figures/")
    page.locator(".top [data-pause]").click()
    shown = page.locator(".tiles").inner_text()
    until(page, "/Paused .* [1-9]\\d* change/.test(document.querySelector('[data-live-words]').textContent)")
    assert page.locator(".tiles").inner_text() == shown, "nothing moves while paused"
    page.locator(".top [data-pause]").click()
    until(page, "document.querySelector('[data-live-words]').textContent.startsWith('Live')")
    assert "Paused" not in page.locator("[data-live-words]").first.inner_text()


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


def test_photos_are_shown_and_those_that_cannot_be_say_why(visit: Callable[..., Any], staged: Stage) -> None:
    with connect(staged.database.dsn("worker")) as conn:
        found = conn.execute(
            "SELECT i.id, c.id, i.media FROM interaction i JOIN cases c USING (thread_id)"
            " WHERE i.media IS NOT NULL AND i.deleted_at IS NULL ORDER BY i.id DESC LIMIT 1"
        ).fetchone()
        assert found
        post_id, case_id, media = found
        page = visit(f"/case/{case_id}/")
        until(
            page,
            "[...document.querySelectorAll('.photos img')].every((i) => i.complete && i.naturalWidth > 0)",
        )
        conn.execute(
            "UPDATE interaction SET media = %s WHERE id = %s",
            [Jsonb([{**media[0], "url": "https://gone.example/x.png"}]), post_id],
        )
        page.reload()
        until(page, "document.querySelector('.photos img')?.dataset.round >= 1")
        conn.execute("UPDATE photo SET state = 'refused', why = 'its network answered 404'")
        until(page, "/Photo.*: its network answered 404/.test(document.querySelector('.photos').textContent)")
        conn.execute("UPDATE interaction SET media = %s WHERE id = %s", [Jsonb(media), post_id])


def test_guard_findings_show_while_one_types(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=all")
    address = page.locator("#rows .row").nth(6).get_attribute("href")
    page.goto(page.url.split("/inbox")[0] + address)
    page.locator("#box").fill("We guarantee that it is back tonight.")
    page.wait_for_selector(".finding.hold")
    assert "guarantee" in page.locator(".finding q").inner_text()
