"""Asking for an approval of one's own accord, and an approver's edit on its way back to the author."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case
from stage_house import ANN, BO, CY

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_an_author_asks_and_the_approver_reads_why(
    visit: Callable[..., Any], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 0)
    page = visit(f"/case/{case}/", who=BO)
    page.locator("#box").fill("It comes on Monday.")
    page.get_by_text("Ask for approval").click()
    page.locator("#ask-why").fill("I have not done this before")
    page.get_by_role("button", name="Ask, and send once it is approved").click()
    page.wait_for_selector(".composer.closed .receipt")
    assert "Its author asks for an approval." in page.locator(".receipt").inner_text()
    ((release,),) = rows("SELECT id FROM release WHERE case_id = %s", case)
    item = (
        desk(ANN).sees("/approvals/").text.split(f'id="held-{release}"')[1].split('<li class="held-item"')[0]
    )
    assert "Its author asks for an approval." in item and "asks because: I have not done this before" in item
    assert "data-approve data-hold" not in item, "a wish is no warning"


def test_an_edit_comes_back_with_the_difference_and_ones_own_words(
    visit: Callable[..., Any], held: list[int], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ((case, digest),) = rows("SELECT case_id, encode(digest, 'hex') FROM release WHERE id = %s", held[0])
    path = f"/approvals/{held[0]}/"
    given = {"decision": "edit", "text": "Write to us, please.", "edited_why": "No numbers in public"}
    assert desk(BO).sends(path, digest=digest, **given).status_code == 403
    assert desk(CY).sends(path, digest=digest, **given).status_code in (403, 404)
    assert desk(ANN).sends(path, digest="0" * 64, **given).status_code == 409
    assert "Given back" in desk(ANN).sends(path, digest=digest, **given).text
    for who in (ANN, CY):
        assert desk(who).sends(f"/case/{case}/own-words/", kind="public").status_code in (403, 404)
    page = visit(f"/case/{case}/", who=BO)
    block = page.locator(".edited")
    assert "Ann Ferrer edited this and gave it back: No numbers in public" in block.inner_text()
    assert block.locator("del").all_inner_texts() == ["Ring +44 20 7946 0991,"]
    assert block.locator("ins").all_inner_texts() == ["Write to us,"]
    assert page.locator("#box").input_value() == "Write to us, please."
    page.get_by_role("button", name="Take my own words back").click()
    page.wait_for_selector(".edited", state="detached")
    assert page.locator("#box").input_value() == "Ring +44 20 7946 0991, please."
    assert rows("SELECT editor FROM draft WHERE case_id = %s AND kind = 'public'", case) == [("",)]
    rows("DELETE FROM draft WHERE case_id = %s RETURNING 1", case)


def test_acts_on_a_reply_are_offered_to_who_may_do_them(
    held: list[int], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ((case,),) = rows("SELECT case_id FROM release WHERE id = %s", held[0])
    assert ">Withdraw<" in desk(BO).sees(f"/case/{case}/").text
    assert ">Withdraw<" not in desk(ANN).sees(f"/case/{case}/").text
