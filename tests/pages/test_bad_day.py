"""An agent on a bad day: a colleague answers too, the session ends, the wrong case is closed. Nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case, free_cases, sign_in
from patience import until
from stage_house import ANN, BO, Stage, neighbour

from townhall.kernel.clock import HOUR, system_clock

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_a_send_stops_while_a_colleague_writes_and_one_key_sends_anyway(
    visit: Callable[..., Any], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 0)
    page = visit(f"/case/{case}/?assignee=all")
    desk(BO).sends(f"/case/{case}/draft/", kind="public", text="Hello, I am on it.")
    page.locator("#box").fill("Thank you. We look into it now.")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector("#changed")
    said = page.locator("#changed").inner_text()
    assert "Bo Lindqvist is writing an answer now." in said and "Hello, I am on it." in said
    assert page.locator("#box").input_value() == "Thank you. We look into it now."
    until(page, "document.activeElement.id === 'changed'")
    assert f"/case/{case}/?assignee=all" in page.url, "a reload asks for the case, and the filter stays"
    assert rows("SELECT count(*) FROM release WHERE case_id = %s", case) == [(0,)]
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".receipt")
    assert rows("SELECT text FROM release WHERE case_id = %s", case) == [("Thank you. We look into it now.",)]
    desk(BO).sends(f"/case/{case}/draft/", kind="public", text="")


def test_what_was_typed_after_the_session_ended_comes_back(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    case = free_case(rows, 1)
    page = visit(f"/case/{case}/")
    page.context.clear_cookies()
    page.locator("#box").fill("Half an answer, and then")
    until(page, "document.querySelector('[data-draft-state]').textContent.includes('kept on this device')")
    assert "signed out" in page.locator("[data-draft-state]").inner_text()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, staged.url, ANN)
    page.goto(f"{staged.url}/case/{case}/")
    until(page, "document.getElementById('box').value === 'Half an answer, and then'")
    until(page, "document.querySelector('[data-draft-state]').textContent.includes('Draft kept')")
    assert rows("SELECT text FROM draft WHERE case_id = %s", case) == [("Half an answer, and then",)]
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft '))") == []
    assert rows("SELECT count(*) FROM release WHERE case_id = %s", case) == [(0,)]


def test_a_wrong_done_is_undone_from_where_it_was_done(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 2)
    page = visit(f"/case/{case}/?assignee=all")
    page.keyboard.press("e")
    page.wait_for_url("**/inbox/?assignee=all")
    assert rows("SELECT state FROM cases WHERE id = %s", case) == [("closed",)]
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**/case/{case}/?assignee=all")
    assert rows("SELECT state FROM cases WHERE id = %s", case) == [("open",)]


def test_send_and_next_opens_the_next_case_of_the_filter(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    free = free_cases(rows)
    ((queue,),) = rows(
        "SELECT queue FROM cases WHERE id = ANY(%s) GROUP BY queue ORDER BY count(*) DESC, queue LIMIT 1",
        free,
    )
    page = visit(f"/inbox/?queue={queue}")
    shown = page.locator("#rows .row").evaluate_all("(rows) => rows.map((row) => row.dataset.case)")
    page.locator(f"#row-{next(case for case in free if str(case) in shown)}").click()
    page.wait_for_selector("#box")
    first = page.locator("#open [data-case]").get_attribute("data-case")
    page.locator("#box").fill("Thank you for writing. We look into it now.")
    page.keyboard.press("Control+Enter")
    until(page, f"document.querySelector('#open [data-case]')?.dataset.case !== '{first}'")
    following = page.locator("#open [data-case]").get_attribute("data-case")
    assert rows("SELECT queue FROM cases WHERE id = %s", following) == [(queue,)]
    until(page, "document.activeElement.id === 'box'")
    assert f"/case/{following}/?queue={queue}" in page.url
    assert page.locator("#rows .row[aria-current=true]").count() <= 1
    rows("UPDATE release SET state = 'withdrawn' WHERE case_id = %s RETURNING 1", first)


@pytest.mark.parametrize("act", ["take", "snooze", "move", "assign", "split"])
def test_each_act_offers_its_undo_on_the_page(
    staged: Stage, desk: Callable[[str], Person], rows: Callable[..., list[Any]], act: str
) -> None:
    ann = desk(ANN)
    case = free_case(rows, 0, staged.accounts[0].id)
    native, thread = rows(
        "SELECT i.native_id, c.thread_id FROM cases c JOIN interaction i ON i.thread_id = c.thread_id AND i.author_id = c.customer_id"
        " WHERE c.id = %s",
        case,
    )[0]
    neighbour(staged, native)
    ((stranger,),) = rows("SELECT max(id) FROM interaction WHERE thread_id = %s AND direction = 'in'", thread)
    before = rows("SELECT state, queue, assignee_id, thread_id FROM cases WHERE id = %s", case)
    ((queue,),) = rows(
        "SELECT q.slug FROM queue q JOIN cases c USING (brand_id) WHERE c.id = %s AND q.slug <> c.queue LIMIT 1",
        case,
    )
    ((to,),) = rows("SELECT id FROM staff WHERE email = %s", BO)
    soon = str(system_clock() + 3 * HOUR)
    page = ann.sends(f"/case/{case}/act/{act}/", until=soon, queue=queue, to=str(to), post=str(stranger)).text
    assert "data-passing" in page, page.split('id="changed"', 1)[-1][:300]
    undo = page.split("data-passing", 1)[1].split('action="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert "Undone." in ann.sends(undo).text
    assert rows("SELECT state, queue, assignee_id, thread_id FROM cases WHERE id = %s", case) == before


def test_an_act_on_a_queue_that_is_not_there_changes_nothing(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 3)
    answer = desk(ANN).sends(f"/case/{case}/act/move/", queue="nowhere")
    assert answer.status_code == 422 and "That queue does not exist." in answer.text
