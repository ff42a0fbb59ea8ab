"""Keys on a row of the inbox are about that row, whichever case is open; the command menu knows what stands in menus."""

from collections.abc import Callable
from typing import Any

import pytest
from patience import until
from stage_house import ANN, BO, Stage

from townhall.desk import setup
from townhall.web.pages.onboarding import steps

pytestmark = [pytest.mark.browser, pytest.mark.database]


def holders(rows: Callable[..., list[Any]], *cases: str) -> list[Any]:
    return [rows("SELECT assignee_id FROM cases WHERE id = %s", case)[0][0] for case in cases]


def test_take_on_a_focused_row_takes_that_case_and_not_the_open_one(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    ((ann,),) = rows("SELECT id FROM staff WHERE email = %s", ANN)
    page = visit("/inbox/?assignee=unassigned")
    first, second = (page.locator("#rows .row").nth(n).get_attribute("data-case") for n in (0, 1))
    page.locator("#rows .row").first.click()
    page.wait_for_selector(f"#open [data-case='{first}']")
    page.locator("#rows .row").nth(1).focus()
    page.keyboard.press("a")
    page.wait_for_url(f"**/case/{second}/**")
    until(page, "document.querySelector('[data-case-acts]')?.innerText.includes('Give back')")
    assert holders(rows, first, second) == [None, ann]
    rows("UPDATE cases SET assignee_id = NULL WHERE id = %s RETURNING 1", second)


def test_take_with_rows_selected_asks_who_holds_them(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit("/inbox/?assignee=unassigned")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("a")
    until(page, "document.activeElement.id === 'many-to'")
    assert "/inbox/" in page.url


ROWS = """() => {
  const list = document.getElementById("rows").getBoundingClientRect();
  return [...document.querySelectorAll("#rows .row")].map((row) => row.getBoundingClientRect())
    .filter((one) => one.top >= list.top && one.bottom <= Math.min(list.bottom, innerHeight)).map((one) => one.top);
}"""
"""Where the rows stand that are seen whole."""


@pytest.mark.parametrize("width", [1440, 1100])
def test_selecting_moves_no_row_and_hides_none(visit: Callable[..., Any], width: int) -> None:
    page = visit("/inbox/?assignee=all", width=width)
    before = page.evaluate(ROWS)
    assert len(before) >= (13 if width == 1440 else 10), "point 8"
    page.keyboard.press("j")
    for chosen in (1, 2, 3):
        page.keyboard.press("x")
        page.keyboard.press("j")
        assert page.locator("#many [data-chosen]").inner_text() == f"{chosen} selected"
        assert page.evaluate(ROWS) == before
    bar, rows_at, width_of = page.evaluate(
        "['many', 'rows', 'many'].map((id) => document.getElementById(id).getBoundingClientRect()).map((r, n) =>"
        " [r.bottom, r.top, document.getElementById('many').scrollWidth - r.width][n])"
    )
    assert bar <= rows_at + 1 and width_of <= 0, "it lies over the head alone"
    page.keyboard.press("i")
    sheet = page.locator("#many .sheet").bounding_box()
    assert sheet["y"] >= 0 and sheet["x"] >= 0, "the menu opens into the page"
    page.keyboard.press("Escape")
    page.locator("[data-unselect]").click()
    assert page.locator("#many").is_hidden() and page.locator(".filters").is_visible()


def test_the_command_menu_knows_acts_in_menus(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit("/inbox/?assignee=unassigned")
    case = page.locator("#rows .row").nth(2).get_attribute("data-case")
    page.goto(page.url.split("/inbox")[0] + f"/case/{case}/?assignee=unassigned")
    ((bo,),) = rows("SELECT id FROM staff WHERE email = %s", BO)
    page.keyboard.press("Control+k")
    page.keyboard.type("snooze two hours")
    until(page, "document.querySelectorAll('#command-list a').length === 1")
    assert page.locator("#command-list").inner_text() == "Snooze: For two hours"
    page.locator("#command-words").fill("assign to bo lindqvist")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-passing]')")
    assert holders(rows, case) == [bo]
    rows("UPDATE cases SET assignee_id = NULL WHERE id = %s RETURNING 1", case)


def test_a_list_with_others_work_only_says_that_nothing_waits_for_you(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    put = rows(
        "UPDATE cases SET queue = 'elsewhere', paused_cause = 'customer' WHERE id IN (SELECT id FROM cases WHERE brand_id = %s"
        " AND state = 'open' AND paused_cause = '' AND queue = 'general' ORDER BY id LIMIT 3) RETURNING id",
        staged.brand,
    )
    try:
        page = visit("/inbox/?assignee=all&queue=elsewhere")
        said = page.locator("#rows").inner_text()
    finally:
        rows(
            "UPDATE cases SET queue = 'general', paused_cause = '' WHERE id = ANY(%s) RETURNING 1",
            [one for (one,) in put],
        )
    assert len(put) == 3
    assert "Nothing waits for you. 3 wait on others" in said
    assert "Nothing waits for you." not in visit("/inbox/?assignee=all").locator("#rows").inner_text()


def test_leaving_observe_only_is_offered_when_all_else_is_done() -> None:
    done = setup.Progress(True, True, True, True, True, True)
    assert [one.title for one in steps(done)][-1] == "Leave observe-only" and len(steps(done)) == 7
    for name in ("brand", "channel", "posts", "people", "policy", "alarms"):
        left = setup.Progress(**{one: one != name for one in done.__struct_fields__})
        assert len(steps(left)) == 6, name
