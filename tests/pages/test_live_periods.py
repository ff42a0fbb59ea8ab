"""The live page's periods, what lies below its figures, and sending it on, by keys and in the browser."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from desk_person import Person
from patience import until
from stage_house import ANN, BO, CY, Stage, look_round
from test_points import AXE

from townhall.analytics.breakdowns import BREAKDOWNS
from townhall.database.connect import connect, for_brand, transaction
from townhall.kernel.clock import HOUR, system_clock
from townhall.people import store

pytestmark = [pytest.mark.browser, pytest.mark.database]
ITEM = (
    "INSERT INTO attention (brand_id, kind, subject, sentence, owner) VALUES (%s, %s, %s, %s, 'Jude Okafor')"
)


@pytest.fixture
def bad_day(staged: Stage) -> Iterator[Stage]:
    """Three things need somebody, one of them promises; they are gone afterwards."""
    with connect(staged.database.dsn("worker")) as conn:
        conn.execute("DELETE FROM attention WHERE brand_id = %s", [staged.brand])
        for kind, words in (
            ("promises", "Promises today 91.2 % (target 95); 18 more will be missed within 30 minutes."),
            ("channel", "care@harbour.example is behind since 7 min."),
            ("held", "12 replies wait for approval, the oldest 41 min."),
        ):
            conn.execute(ITEM, [staged.brand, kind, f"test {kind}", words])
        yield staged
        conn.execute("DELETE FROM attention WHERE brand_id = %s", [staged.brand])
        look_round(conn, staged.brand)


@pytest.fixture(scope="module")
def program(staged: Stage) -> httpx.Client:
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        for_brand(conn, staged.brand)
        _, secret = store.make_token(
            conn, staged.brand, "board", frozenset({"analyst"}), expires_at=system_clock() + HOUR, made_by=1
        )
    return httpx.Client(base_url=staged.url, headers={"authorization": f"Bearer {secret}"})


def test_keys_change_the_period_and_links_keep_it(visit: Callable[..., Any]) -> None:
    page = visit("/figures/")
    for key, promises, posts in (
        ("h", "Promises, last hour", "Posts an hour"),
        ("d", "Promises, last day", "Posts in a day"),
        ("w", "Promises, 7 days", "Posts in 7 days"),
    ):
        page.keyboard.press(key)
        page.wait_for_url(f"**/figures/?period={key}")
        heads = page.locator(".tile h2").all_inner_texts()
        assert heads[0] == promises and posts in heads and len(heads) == 5
        until(page, "document.querySelector('[data-live-words]').textContent.startsWith('Live')")
        assert page.locator(f".periods [data-key={key}]").first.get_attribute("aria-current") == "true"
        assert f"period={key}" in str(page.locator("#by-queues h2 a").get_attribute("href"))
        assert f"period={key}" in str(page.locator("#by-channels tbody a").first.get_attribute("href"))
        before = page.locator("[data-live-words]").first.inner_text()
        page.wait_for_function(
            "(was) => document.querySelector('[data-live-words]').textContent !== was", arg=before
        )
        assert page.locator(".tile h2").all_inner_texts() == heads, "the stream goes on in the same period"
    page.keyboard.press("1")
    page.wait_for_url("**/figures/promises_week/?period=w")
    page.get_by_role("link", name="Back to the live page").click()
    page.wait_for_url("**/figures/?period=w")


def test_one_to_seven_open_each_figure_and_the_list_of_keys_names_them(visit: Callable[..., Any]) -> None:
    page, opened = visit("/figures/"), []
    page.keyboard.press("?")
    listed = page.locator("#page-keys").inner_text()
    for words in ("Promises today", "Waiting now", "Live page: hour", "Copy as text", "Space", "Pause"):
        assert words in listed, listed
    for key in "1234567":
        page.goto(page.url.split("/figures")[0] + "/figures/")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(r"/figures/\w+/$"))
        opened.append(page.url.split("/figures/")[1].strip("/"))
    assert sorted(opened) == sorted(
        ["promises_today", "promises_now", "promises_week", "waiting", "first_response", "posts_hour", "held"]
    )


def test_space_pauses_and_c_copies(visit: Callable[..., Any], bad_day: Stage) -> None:
    page = visit("/figures/?period=d")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press(" ")
    until(page, "/Paused/.test(document.querySelector('[data-live-words]').textContent)")
    page.keyboard.press(" ")
    until(page, "document.querySelector('[data-live-words]').textContent.startsWith('Live')")
    page.keyboard.press("c")
    page.wait_for_selector(".toast")
    words = page.evaluate("navigator.clipboard.readText()")
    assert "Not all right: 3 things" in words and "Promises today 91.2 % (target 95)" in words
    assert "Promises, last day" in words and "target 95 %" in words and "Owner: Jude Okafor" in words


def test_an_item_is_taken_and_everybody_sees_by_whom(visit: Callable[..., Any], bad_day: Stage) -> None:
    bo = visit("/figures/?period=d", who=BO)
    page = visit("/figures/?period=d")
    assert page.locator(".attention li").count() == 3
    assert (
        page.locator(".attention a", has_text="To the causes").get_attribute("href")
        == "/figures/by/causes/?period=d"
    )
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    page.locator(".attention button", has_text="I have it").nth(1).click()
    page.wait_for_url("**/figures/?period=d")
    until(bo, "/Ann Ferrer has it, \\d\\d:\\d\\d/.test(document.querySelector('.attention').textContent)")


def test_causes_are_reckoned_when_they_come_into_view(visit: Callable[..., Any]) -> None:
    page = visit("/figures/?period=w")
    page.wait_for_timeout(300)
    assert "Counting" in page.locator("#causes").inner_text()
    page.locator("#causes").scroll_into_view_if_needed()
    until(page, "document.querySelector('#causes').textContent.includes('As of')")
    page.wait_for_timeout(1500)
    assert "As of" in page.locator("#causes").inner_text(), "the stream leaves it alone"


@pytest.mark.parametrize("period", ["", "h", "d", "w"])
@pytest.mark.parametrize("name", BREAKDOWNS)
def test_table_api_and_file_say_one_thing(
    desk: Callable[[str], Person], program: httpx.Client, name: str, period: str
) -> None:
    ann, asked = desk(ANN), {"period": period}
    api = program.get(f"/api/breakdowns/{name}", params=asked).json()
    ours = list(csv.reader(io.StringIO(ann.client.get(f"/figures/by/{name}/table.csv", params=asked).text)))
    theirs = list(
        csv.reader(io.StringIO(program.get(f"/api/breakdowns/{name}/table.csv", params=asked).text))
    )
    assert ours[0] == theirs[0] == api["columns"] and len(ours) == len(theirs) == len(api["rows"]) + 1
    page = ann.client.get(f"/figures/by/{name}/", params=asked).text
    ages = {place for place, column in enumerate(ours[0]) if "minutes" in column}
    for mine, other, row in zip(ours[1:], theirs[1:], api["rows"], strict=True):
        kept = [place for place in range(len(mine)) if place not in ages]
        assert [mine[n] for n in kept] == [other[n] for n in kept]
        assert [mine[n] for n in kept] == ["" if row[n] is None else str(row[n]) for n in kept]
        of = {**asked, "of": str(row[0])}
        rows = ann.client.get(f"/figures/by/{name}/rows.csv", params=of)
        told = program.get(f"/api/breakdowns/{name}/rows", params=of).json()
        assert rows.status_code == 200 and told["total"] == len(rows.text.splitlines()) - 1
        assert ann.client.get(f"/figures/by/{name}/rows/", params=of).status_code == 200
    if "No promise was missed" not in page and "in this time" not in page:
        assert page.split("<tbody>")[1].split("</tbody>")[0].count("<tr>") == len(api["rows"])


def test_the_live_page_of_the_api_is_the_page(desk: Callable[[str], Person], program: httpx.Client) -> None:
    for period in ("", "h", "d", "w"):
        api = program.get("/api/live", params={"period": period}).json()
        page = desk(ANN).client.get("/figures/", params={"period": period}).text
        for figure in api["figures"]:
            if figure["unit"] != "min":
                assert f"/figures/{figure['name']}/" in page and f">{figure['words']}" in page
        assert [table["name"] for table in api["tables"]] == ["channels", "queues", "feelings"]
    assert program.get("/api/live", params={"period": "month"}).status_code == 422
    assert desk(ANN).client.get("/figures/?period=month").status_code == 422


def test_a_view_is_sent_read_and_deleted(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann, bo, cy = desk(ANN), desk(BO), desk(CY)
    ((bo_id,),) = rows("SELECT id FROM staff WHERE email = %s", BO)
    form = ann.client.get("/figures/send/?period=d").text
    assert "Bo Lindqvist" in form and "Cy Marsh" not in form and 'value="d"' in form
    sent = ann.sends("/figures/send/", period="d", to=str(bo_id), note="Look at <b>parcels</b>.")
    address = sent.url.path
    assert re.fullmatch(r"/figures/sent/[\w-]{24}/", address) and "1 colleague is told" in sent.text
    assert "not live" in sent.text and "Look at &lt;b&gt;parcels&lt;/b&gt;." in sent.text
    assert "data-live=" not in sent.text and "data-pause" not in sent.text.split("<main")[1]
    seen = bo.client.get(address)
    assert seen.status_code == 200 and "Delete this view" not in seen.text
    assert address in bo.client.get("/notices/").text and address in bo.client.get("/figures/sent/").text
    for path in (address, "/figures/sent/"):
        answer = cy.client.get(path)
        assert address not in answer.text and "parcels" not in answer.text
    assert cy.client.get(address).status_code == 404
    assert bo.sends(f"{address}delete/").status_code == 403
    assert cy.sends(f"{address}delete/").status_code == 404
    ((text,),) = rows("SELECT body FROM frozen_view WHERE id = %s", address.split("/")[3])
    for (said,) in rows(
        "SELECT text FROM interaction WHERE direction = 'in' AND length(text) > 20 ORDER BY id DESC LIMIT 200"
    ):
        assert said not in text
    assert "leads nowhere" in ann.sends(f"{address}delete/").text
    assert bo.client.get(address).status_code == 404
    assert ann.sends("/figures/send/", period="d", note="x" * 501).status_code == 422
    assert ann.sends("/figures/send/", period="d", to="999999").status_code == 422


def test_a_frozen_view_does_not_move(visit: Callable[..., Any]) -> None:
    page = visit("/figures/?period=d")
    page.get_by_role("link", name="Send this view").first.click()
    page.get_by_role("button", name="Freeze and send").click()
    page.wait_for_selector(".frozen-mark")
    take = "document.querySelector('main').innerText"
    first = page.evaluate(take)
    page.wait_for_timeout(1500)
    assert page.evaluate(take) == first and "not live" in first
    page.get_by_role("button", name="Delete this view").click()
    page.wait_for_url("**/figures/sent/")


def test_a_channel_that_is_behind_is_named_with_its_time(visit: Callable[..., Any], staged: Stage) -> None:
    with connect(staged.database.dsn("worker")) as conn:
        conn.execute(
            "UPDATE account_health SET state = 'behind', lag_seconds = 420, since = now() - interval '7 min' WHERE brand_id = %s",
            [staged.brand],
        )
        page = visit("/figures/?period=d")
        said = page.locator(".tile[data-figure=waiting]").inner_text()
        conn.execute(
            "UPDATE account_health SET state = 'ok', lag_seconds = 0 WHERE brand_id = %s", [staged.brand]
        )
    assert re.search(r"without .+ since \d\d:\d\d", said)


def test_the_brand_is_whole_at_the_top(visit: Callable[..., Any]) -> None:
    for width in (1440, 1280):
        page = visit("/figures/", width=width)
        assert page.evaluate(
            "(() => { const b = document.querySelector('.top .brand .cut'); return b.scrollWidth <= b.clientWidth; })()"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "least"), [(1440, 112), (360, 72)])
@pytest.mark.parametrize(
    "clock", ["missed Sat 14:41 · 23 min ago", "04:36 · at Margarethe Holloway-Underhill 12 min"]
)
def test_a_long_clock_leaves_the_customers_name_its_room(
    visit: Callable[..., Any], width: int, least: int, clock: str
) -> None:
    page = visit("/inbox/?assignee=all", width=width)
    found = page.evaluate(
        """(words) => [...document.querySelectorAll('#rows .row')].map((row) => {
            row.querySelector('.says').textContent = words;
            const who = row.querySelector('.who'), line = row.querySelector('.first').getBoundingClientRect();
            who.textContent = 'Margarethe Holloway';
            return [who.clientWidth, who.getBoundingClientRect().top - line.top, line.height];
        })""",
        clock,
    )
    assert found and min(wide for wide, _, _ in found) >= least
    assert all(top < 8 and height == 20 for _, top, height in found), "on its line, not over its edge"


def test_the_space_bar_is_a_single_key_too(visit: Callable[..., Any], rows: Callable[..., list[Any]]) -> None:
    rows("UPDATE staff SET single_keys = false WHERE email = %s RETURNING 1", ANN)
    try:
        page = visit("/figures/")
        page.keyboard.press("Space")
        assert page.locator("[data-pause]").first.get_attribute("aria-pressed") == "false"
    finally:
        rows("UPDATE staff SET single_keys = true WHERE email = %s RETURNING 1", ANN)
    page.reload()
    page.keyboard.press("Space")
    assert page.locator("[data-pause]").first.get_attribute("aria-pressed") == "true"
