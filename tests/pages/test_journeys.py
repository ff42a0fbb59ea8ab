"""Five journeys by keyboard alone: sign in, answer, approve, stop outbound, read the live page."""

from collections.abc import Callable
from typing import Any

import pytest
from patience import until
from stage_house import ANN, PASSWORD, Stage

pytestmark = [pytest.mark.browser, pytest.mark.database]


def tab_to(page: Any, wanted: str, most: int = 60) -> None:
    """Presses Tab until the focused control bears that name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(document.activeElement?.getAttribute('aria-label') || document.activeElement?.labels?.[0]?.textContent || document.activeElement?.textContent || '').trim()"
        )
        if name.startswith(wanted):
            return
    raise AssertionError(f"no control named {wanted!r} within {most} tabs")


def test_sign_in(chromium: Any, staged: Stage) -> None:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{staged.url}/accounts/login/")
    tab_to(page, "Other ways")
    page.keyboard.press("Enter")
    tab_to(page, "E-mail")
    page.keyboard.type(ANN)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/**")
    page.context.close()


def test_answer(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=unassigned")
    page.wait_for_selector("#rows .row")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.dataset.case")
    assert first, "j moves the real focus to a row"
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#open [data-case='{first}']")
    page.keyboard.press("r")
    until(page, "document.activeElement?.id === 'box'")
    page.keyboard.type("Thank you for telling us. A colleague looks into it now.")
    until(page, "document.querySelector('[data-draft-state]')?.textContent.includes('Draft kept')")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector(".receipt:has-text('waiting')")
    page.reload()
    assert page.locator(".receipt").count() >= 1


def test_approve(visit: Callable[..., Any], held: list[int]) -> None:
    page = visit("/approvals/")
    before = page.locator("[data-held]").count()
    assert before >= len(held)
    assert page.evaluate("document.activeElement.hasAttribute('data-held')"), "the first item has the focus"
    for _ in range(12):
        page.keyboard.down("y")
        page.wait_for_timeout(60)
    page.keyboard.up("y")
    until(page, f"document.querySelectorAll('[data-held]').length < {before}")


def test_stop_outbound_and_release(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/stop/")
    tab_to(page, "Reason, for the record")
    page.keyboard.type("drill")
    page.keyboard.press("Enter")
    page.wait_for_selector(".band.stopped")
    assert "Outbound is stopped" in page.locator(".band.stopped").inner_text()
    tab_to(page, "Release")
    page.keyboard.press("Enter")
    until(page, "!document.querySelector('.band.stopped')")


def test_read_the_live_page(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/figures/")
    assert "right" in page.locator("h1").inner_text()
    until(page, "document.querySelector('[data-live-words]').textContent.startsWith('Live')")
    page.keyboard.press("2")
    page.wait_for_url("**/figures/waiting/")
    assert "Promises that nobody has answered" in page.locator("main").inner_text()


def test_command_menu_finds_acts_by_name(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/")
    page.keyboard.press("Control+k")
    page.keyboard.type("approv")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approvals/")
