"""Findings in the margin beside the text they are about: one key goes to the next, one mends it, and Ctrl Z takes it back."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case
from patience import until
from stage_house import BO

pytestmark = [pytest.mark.browser, pytest.mark.database]
TEXT = "Hello 🦉 there.\nRing +44 20 7946 0991, please.\nWe guarantee that it works."


def written(visit: Callable[..., Any], case: int, text: str, findings: int) -> Any:
    page = visit(f"/case/{case}/", who=BO)
    page.locator("#box").click()
    page.keyboard.insert_text(text)
    until(page, f"document.querySelectorAll('#findings .finding').length === {findings}")
    return page


def test_findings_stand_beside_their_lines_and_mend_by_one_key(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = written(visit, free_case(rows, 0), TEXT, 2)
    box, first, second = (
        page.locator(one).bounding_box() for one in ("#box", ".finding >> nth=0", ".finding >> nth=1")
    )
    assert first["x"] >= box["x"] + box["width"], "beside the box, not below"
    assert box["y"] + 20 < first["y"] < box["y"] + 44, "at the second line"
    assert second["y"] >= first["y"] + first["height"]
    chosen = "(() => { const b = document.getElementById('box'); return b.value.slice(b.selectionStart, b.selectionEnd); })()"
    page.keyboard.press("Control+.")
    assert page.evaluate(chosen) == "+44 20 7946 0991"
    page.keyboard.press("Control+.")
    assert page.evaluate(chosen) == "guarantee"
    page.keyboard.press("Control+.")
    assert page.evaluate(chosen) == "+44 20 7946 0991", "and round again"
    page.keyboard.press("Control+,")
    assert page.locator("#box").input_value() == TEXT.replace("+44 20 7946 0991", "…")
    until(page, "document.querySelectorAll('#findings .finding').length === 1")
    page.keyboard.press("Control+z")
    assert page.locator("#box").input_value() == TEXT, "as every other change in the box"
    until(page, "document.querySelectorAll('#findings .finding').length === 2")
    page.locator(".finding >> nth=1").get_by_role("button", name="Take it out").click()
    assert page.locator("#box").input_value() == TEXT.replace("guarantee", "…")
    until(page, "document.querySelector('[data-draft-state]').textContent === 'Draft kept'")
    page.reload()
    assert page.locator("#findings .finding").count() == 1, "they stand there when the draft is opened again"
    page.locator("#person-name").click()
    page.keyboard.press("?")
    assert "Mend it" in page.locator("#keys").inner_text()
    page.keyboard.press("Escape")
    page.locator("#box").fill("")


def test_words_that_are_missing_are_added_and_a_macro_can_be_undone(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], desk: Callable[[str], Person]
) -> None:
    ((brand,),) = rows("SELECT brand_id FROM macro WHERE name = 'Thank you' AND retired_at IS NULL LIMIT 1")
    rows(
        "INSERT INTO outbound_term (brand_id, kind, words, trigger, severity, reason, made_by, made_at)"
        " VALUES (%s, 'required', 'Terms apply.', 'cashback', 'hold', 'By law.', 'x', now()) RETURNING id",
        brand,
    )
    try:
        page = written(visit, free_case(rows, 0), "You get cashback.", 1)
        page.keyboard.press("Control+,")
        assert page.locator("#box").input_value() == "You get cashback. Terms apply."
        until(page, "!document.querySelector('#findings .finding')")
        page.select_option("#macro", label="Thank you")
        assert page.locator("#box").input_value().startswith("Thank you, ")
        page.locator("#box").press("Control+z")
        assert page.locator("#box").input_value() == "You get cashback. Terms apply."
        page.locator("#box").fill("")
    finally:
        rows("DELETE FROM outbound_term WHERE words = 'Terms apply.' RETURNING 1")
