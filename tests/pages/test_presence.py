"""Two people at one case: each sees the other come and write, and what would have been sent is compared first."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case
from patience import until
from stage_house import BO, CY

pytestmark = [pytest.mark.browser, pytest.mark.database]
WRITES = "document.querySelector('[data-writes]').textContent"


def test_a_colleague_who_writes_is_seen_in_the_band_and_sending_compares_first(
    visit: Callable[..., Any], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case, bo = free_case(rows, 5), desk(BO)
    page = visit(f"/case/{case}/?assignee=all")
    page.locator("#box").fill("Thank you, we look into it.")
    until(page, "document.querySelector('[data-draft-state]').textContent.includes('Draft kept')")
    assert page.evaluate(WRITES) == ""
    bo.sends(f"/case/{case}/draft/", kind="public", text="Hello, it is fixed.")
    bo.sends(f"/case/{case}/presence/", typing="1")
    until(page, f"{WRITES} === 'Bo Lindqvist is writing an answer now'", 15_000)
    assert "BL is typing" in page.locator("[data-viewers]").inner_text()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_selector("#changed")
    assert "Hello, it is fixed." in page.locator("#changed").inner_text()
    assert page.input_value("#box") == "Thank you, we look into it."
    assert rows("SELECT count(*) FROM release WHERE case_id = %s", case) == [(0,)]
    bo.sends(f"/case/{case}/draft/", kind="public", text="")
    page.locator("#box").fill("")
    until(page, "document.querySelector('[data-draft-state]').textContent === 'Draft kept'")


def test_comparing_never_sends_even_when_nobody_writes_any_more(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case, bo = free_case(rows, 6), desk(BO)
    page = bo.client.get(f"/case/{case}/").text
    given = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("reply_to", "seen_post", "seen_version")
    }
    answer = bo.sends(f"/case/{case}/send/", kind="public", text="All is well.", then="compare", **given)
    assert "Nobody writes any more, and nothing is new." in answer.text and "Send anyway" in answer.text
    assert rows("SELECT count(*) FROM release WHERE case_id = %s", case) == [(0,)]
    bo.sends(f"/case/{case}/draft/", kind="public", text="")


def test_who_is_there_is_told_to_colleagues_only(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case, bo = free_case(rows, 7), desk(BO)
    assert bo.sends(f"/case/{case}/presence/", typing="0").json() == {"others": []}
    assert desk(CY).sends(f"/case/{case}/presence/", typing="1").status_code == 404
