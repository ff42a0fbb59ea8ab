"""Advice while one writes: after a pause, without moving anything, and off for who does not want it."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case
from patience import until
from stage_house import ANN, BO, CY

pytestmark = [pytest.mark.browser, pytest.mark.database]
TEXT = "WE ARE REALLY SORRY about that and look into it"
SHOWN = "!document.querySelector('[data-advice]').hidden"


def test_it_waits_for_a_pause_and_moves_nothing(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit(f"/case/{free_case(rows, 0)}/", who=BO)
    page.locator("#box").click()
    tops = "[...document.querySelectorAll('.composer .button, #box, .post')].map((n) => n.getBoundingClientRect().top)"
    page.keyboard.insert_text(TEXT)
    typed = time.monotonic()
    until(page, "document.querySelector('[data-draft-state]').textContent === 'Draft kept'")
    before = page.evaluate(tops)
    until(page, SHOWN)
    assert time.monotonic() - typed >= 1.4
    assert "suggestion" in page.locator("[data-advice] summary").inner_text()
    held = "[...document.querySelectorAll('.composer .button:not([data-advice] *), #box, .post')].map((n) => n.getBoundingClientRect().top)"
    assert page.evaluate(held) == before
    page.keyboard.insert_text(" now")
    assert not page.evaluate(SHOWN), "it leaves while one types"
    until(page, SHOWN)
    page.locator("[data-advice] summary").click()
    assert "Capitals read as shouting" in page.locator("[data-advice] .sheet").inner_text()
    page.locator("#box").fill("")


def test_it_is_off_for_who_switched_it_off(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    bo, case = desk(BO), free_case(rows, 0)
    given = {"kind": "public", "text": TEXT, "reply_to": "0", "seen_post": "0", "seen_version": "0"}
    assert "Capitals read as shouting" in bo.sends(f"/case/{case}/draft/", **given).text
    bo.sends("/settings/", single_keys="on")
    assert "suggestion" not in bo.sends(f"/case/{case}/draft/", **given).text
    bo.sends("/settings/", single_keys="on", advice="on")
    assert "Capitals read as shouting" in bo.sends(f"/case/{case}/draft/", **given).text
    bo.sends(f"/case/{case}/draft/", **(given | {"text": ""}))


def test_the_brands_manner_is_kept_and_offered(
    visit: Callable[..., Any], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    for who in (BO, CY):
        assert desk(who).sends("/terms/manner/", greetings="Yo").status_code == 403
    kept = desk(ANN).sends("/terms/manner/", greetings="Hello, Dear", sign_offs="^{initials}").text
    assert 'value="Hello, Dear"' in kept and 'value="^{initials}"' in kept
    assert desk(ANN).sends("/terms/manner/", greetings="x" * 61).status_code == 422
    try:
        page = visit(f"/case/{free_case(rows, 0)}/", who=BO)
        page.locator("#box").click()
        page.keyboard.insert_text("A crew is on its way to you.")
        until(page, SHOWN)
        page.locator("[data-advice] summary").click()
        page.get_by_role("button", name="Add “^BL”").click()
        assert page.locator("#box").input_value() == "A crew is on its way to you. ^BL"
        page.keyboard.press("Control+z")
        assert page.locator("#box").input_value() == "A crew is on its way to you."
        page.locator("#box").fill("")
    finally:
        rows("DELETE FROM manner RETURNING 1")
