"""A policy changed by keyboard alone: written, checked, asked about; another person approves it; it comes in force."""

from collections.abc import Callable
from typing import Any

import pytest
from patience import until
from stage_house import Stage
from test_journeys import tab_to
from test_policy_review import QUIET, Person, hire_reviewer

pytestmark = [pytest.mark.browser, pytest.mark.database]
LEE = "lee@example.org"


def test_write_check_ask_approve_activate(visit: Callable[..., Any], staged: Stage) -> None:
    hire_reviewer(staged)
    page = visit("/inbox/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/policy/")
    page.keyboard.press("e")
    page.wait_for_url("**/edit/")
    number = page.url.split("/")[-3]
    tab_to(page, "The text of the draft")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUIET.replace("post.intent ==", "post.intend =="))
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('#policy-findings [data-at]')")
    assert "Line 8, column" in page.locator("#policy-findings").inner_text()
    page.keyboard.press("Control+.")
    assert page.evaluate("document.activeElement.id") == "policy-text"
    assert (
        page.evaluate(
            "document.activeElement.value.slice(0, document.activeElement.selectionStart).split('\\n').length"
        )
        == 8
    ), "the fault is selected where it stands"
    page.reload()
    until(page, "document.getElementById('policy-text').value.includes('post.intend')")
    tab_to(page, "The text of the draft")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUIET)
    page.keyboard.press("Control+Enter")
    until(
        page,
        "document.getElementById('policy-findings').textContent.includes('Every rule decides some post')",
        60_000,
    )
    page.keyboard.press("Escape")
    tab_to(page, "Read and ask for review")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/policy/{number}/")
    tab_to(page, "A word to the reviewer")
    page.keyboard.type("Only outages, for the drill")
    tab_to(page, "Ask for review")
    page.keyboard.press("Enter")
    until(
        page, "document.querySelector('.said')?.textContent.includes('Somebody else reviews it now')", 60_000
    )

    other = visit(f"/policy/{number}/", who=LEE, width=360)
    assert "Only outages, for the drill" in other.locator("main").inner_text()
    tab_to(other, f"Approve version {number}")
    other.keyboard.press("Enter")
    until(other, "document.querySelector('.said')?.textContent.includes('can be put in force')", 60_000)
    tab_to(other, f"Put version {number} in force now")
    other.keyboard.press("Enter")
    until(other, "document.querySelector('.said')?.textContent.includes('is in force')", 60_000)
    page.goto(f"{staged.url}/policy/")
    assert f"Version {number}" in page.locator(".head").inner_text()
    lee = Person(staged.url, LEE)
    assert "in force again" in lee.sends("/policy/1/act/", do="roll_back", reason="The drill is over").text


def test_what_is_typed_is_there_after_a_reload(visit: Callable[..., Any]) -> None:
    """Before the server has it: the words are on this device with every key."""
    page = visit("/policy/")
    page.keyboard.press("e")
    page.wait_for_url("**/edit/")
    page.route("**/keep/", lambda route: route.abort())
    page.focus("#policy-text")
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("# the last word")
    until(page, "document.querySelector('[data-kept]').textContent.includes('on this device')")
    page.reload()
    until(page, "document.getElementById('policy-text').value.endsWith('# the last word')")
    assert page.input_value("#policy-text").count("# the last word") == 1
    page.unroute("**/keep/")
    page.focus("#policy-text")
    page.keyboard.press("Control+s")
    until(page, "document.querySelector('[data-kept]').textContent.startsWith('Kept ')")
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.input_value("#policy-text").endswith("# the last word"), "and now the server has it"
