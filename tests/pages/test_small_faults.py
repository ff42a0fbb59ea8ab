"""Small things that a person stumbles over: a sentence beside another figure, a link that is none, a list that jumps."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_person import Person
from stage_house import BO, Stage

from townhall.database.connect import connect, transaction
from townhall.flow import asking
from townhall.kernel.clock import system_clock

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture
def concern(rows: Callable[..., list[Any]], staged: Stage) -> Iterator[None]:
    """What was said of promises some seconds ago, with another figure."""
    rows("DELETE FROM attention WHERE brand_id = %s AND kind = 'promises' RETURNING 1", staged.brand)
    rows(
        "INSERT INTO attention (brand_id, kind, subject, sentence, owner, raised_at) VALUES (%s, 'promises', 'today',"
        " 'Promises today 12.3 %% (target 95); 9999 more will be missed within 30 minutes at this pace.', '', now()) RETURNING 1",
        staged.brand,
    )
    yield
    rows("DELETE FROM attention WHERE brand_id = %s AND kind = 'promises' RETURNING 1", staged.brand)


@pytest.mark.parametrize("period", ["", "h", "d", "w"])
def test_the_sentence_and_the_figure_beside_it_are_one(
    visit: Callable[..., Any], concern: None, period: str
) -> None:
    text = visit(f"/figures/?period={period}").inner_text("main")
    said = re.findall(r"(\d[\d,]*) more will be missed", text)
    assert "9999" not in text and "9,999" not in text
    assert len(set(said)) <= 1, said
    if not period:
        share = re.search(r"Promises today ([\d.]+) %", text)
        tile = visit("/figures/").locator(".tile[data-figure=promises] .figure").inner_text()
        # Shortly after midnight nothing has fallen due today, and the sentence stays as it was said.
        assert share is None or tile == "–" or float(share[1]) == pytest.approx(float(tile), abs=1)


def test_links_in_running_text_are_underlined_and_figures_are_not(visit: Callable[..., Any]) -> None:
    page = visit("/models/")
    line = "(n) => getComputedStyle(n).textDecorationLine"
    assert page.locator("main p a:not(.button)").first.evaluate(line) == "underline"
    live = visit("/figures/")
    assert live.locator(".tile a.figure").first.evaluate(line) == "none"
    assert live.locator(".share a").first.evaluate(line) == "none"


def test_all_right_never_stands_beside_a_figure_outside_its_range(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    kept = rows(
        "UPDATE attention SET ended_at = now() WHERE brand_id = %s AND ended_at IS NULL RETURNING id",
        staged.brand,
    )
    text = visit("/figures/").locator(".verdict").inner_text()
    rows("UPDATE attention SET ended_at = NULL WHERE id = ANY(%s) RETURNING 1", [one for (one,) in kept])
    assert ("All right" in text) != ("range:" in text), text


def test_found_posts_stand_in_the_order_of_the_time_they_show(visit: Callable[..., Any]) -> None:
    for path, times in (("/search/?q=signal", "article.post time"), ("/policy/try/", ".past time")):
        shown = visit(path).eval_on_selector_all(times, "(found) => found.map((n) => n.dateTime)")
        moments = list(dict.fromkeys(shown))
        assert len(moments) > 1 and moments == sorted(moments, reverse=True), path


def test_on_a_phone_the_choice_of_what_is_asked_is_there(visit: Callable[..., Any], staged: Stage) -> None:
    seeker = asking.Asker()
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        while seeker.round(conn, system_clock()):
            pass
    page = visit("/models/", width=360)
    page.get_by_role("link", name="Answer what models ask").locator("visible=true").click()
    page.wait_for_url("**/unsure/")
    choice = page.get_by_role("navigation", name="What is asked about").get_by_role("link").nth(1)
    assert choice.is_visible() and choice.bounding_box()["height"] >= 44
    choice.click()
    assert page.locator("nav.heads [aria-current]").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        ("always", "around the clock"),
        ("default", "of working time"),
        ("night-crew", "of working time by the calendar night crew"),
    ],
)
def test_a_case_says_in_words_which_hours_its_promise_counts_and_its_queue(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage, calendar: str, words: str
) -> None:
    ((case, promise, before, queue),) = rows(
        "SELECT c.id, m.id, m.calendar, c.queue FROM commitment m JOIN cases c ON c.id = m.case_id"
        " WHERE m.brand_id = %s ORDER BY m.id LIMIT 1",
        staged.brand,
    )
    put = "UPDATE commitment SET calendar = %s WHERE id = %s RETURNING 1"
    moved = "UPDATE cases SET queue = %s WHERE id = %s RETURNING 1"
    rows(put, calendar, promise)
    rows(moved, "lost-parcels", case)
    try:
        said = desk(BO).client.get(f"/case/{case}/").text
    finally:
        rows(put, before, promise)
        rows(moved, queue, case)
    assert re.search(rf"\d (min|h|s|d) {words}[<&· ]", said)
    assert "<dd>Lost parcels</dd>" in said
