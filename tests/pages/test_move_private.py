"""Moving a public thread to private messages: the line, the draft that goes along, and where it is suggested."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case
from patience import until
from stage_house import ANN, BO, CY

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_the_line_is_said_and_the_private_message_opens(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 0)
    ((post,),) = rows("SELECT latest_post FROM cases WHERE id = %s", case)
    rows(
        "UPDATE interaction SET effect = 'answer_private', rule = 'own-money' WHERE id = %s RETURNING 1", post
    )
    page = visit(f"/case/{case}/", who=BO)
    assert "wants this to go on in private (rule own-money)" in page.locator(".wanted").inner_text()
    page.locator("#box").fill("Your meter is number 7")
    page.wait_for_selector("text=Draft kept")
    page.get_by_text("Move to private").click()
    line = page.locator("#line").input_value()
    assert line.startswith("Thank you for writing") and "{" not in line
    page.get_by_role("button", name="Post this line, then write in private").click()
    until(page, "document.querySelector('#composer')?.dataset.kind === 'private'")
    assert page.locator("#box").input_value() == "Your meter is number 7"
    assert page.locator(".wanted").count() == 0
    said = rows("SELECT kind, text, state FROM release WHERE case_id = %s", case)
    assert said == [("public", line, "released")]


def test_a_line_that_was_stopped_can_be_said_anyway(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    bo, case = desk(BO), free_case(rows, 0)
    page = bo.sees(f"/case/{case}/").text
    given = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("reply_to", "seen_post")
    }
    old = {"kind": "public", "seen_version": "999", **given}
    stopped = bo.sends(f"/case/{case}/send/", text="In private, please.", moving="first", **old)
    assert "Not sent" in stopped.text and "Post the line anyway" in stopped.text
    assert 'name="moving" value="again"' in stopped.text
    done = bo.sends(f"/case/{case}/send/", text="In private, please!", moving="again", force="1", **old)
    assert "Here you write in private" in done.text and "kind=private" in str(done.url)
    assert rows("SELECT text FROM release WHERE case_id = %s", case) == [("In private, please!",)]
    assert rows("SELECT text FROM draft WHERE case_id = %s AND text <> ''", case) == []


def test_only_who_answers_is_offered_it(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 0)
    assert "Move to private" in desk(BO).sees(f"/case/{case}/").text
    ((bo,),) = rows("SELECT id FROM staff WHERE email = %s", BO)
    rows("UPDATE membership SET roles = '{compliance}' WHERE staff_id = %s RETURNING 1", bo)
    try:
        seen = desk(BO).sees(f"/case/{case}/").text
        assert "Move to private" not in seen and "Send and next" not in seen and "Note, staff only" in seen
        assert "data-case-acts" not in seen
        rows("UPDATE membership SET roles = '{admin}' WHERE staff_id = %s RETURNING 1", bo)
        assert "Agents and leads answer it" in desk(BO).sees(f"/case/{case}/").text
    finally:
        rows("UPDATE membership SET roles = '{agent}' WHERE staff_id = %s RETURNING 1", bo)
    assert desk(CY).sends(f"/case/{case}/send/", kind="public", text="x", moving="first").status_code == 404


def test_the_line_of_the_brand_is_written_on_its_page(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann, case = desk(ANN), free_case(rows, 0)
    assert "These come with Townhall" in ann.sees("/answers/").text
    ann.sends("/answers/", name="In private", text="Over to private, {name}", purpose="to_private")
    assert "These come with Townhall" not in ann.sees("/answers/").text
    seen = desk(BO).sees(f"/case/{case}/").text
    assert "Over to private, " in seen and '<option value="Over to private' not in seen
    rows("DELETE FROM macro WHERE name = 'In private' RETURNING 1")
