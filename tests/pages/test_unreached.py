"""Without a connection pages keep what they show, decide nothing, and say so in words."""

from collections.abc import Callable
from typing import Any

import pytest
from patience import until

pytestmark = [pytest.mark.browser, pytest.mark.database]
SAID = "document.getElementById('toasts').innerText"


def said(page: Any, words: str) -> None:
    until(page, f"{SAID}.includes({words!r})")


def test_approvals_on_a_phone_show_the_last_state_and_refuse_to_decide(
    visit: Callable[..., Any], held: list[int], rows: Callable[..., list[Any]]
) -> None:
    before = rows("SELECT id FROM release WHERE state = 'held' ORDER BY id")
    page = visit("/approvals/", width=360)
    shown = page.locator("[data-held]").count()
    assert shown >= len(held) and page.locator("#unreached").is_hidden()
    page.context.set_offline(True)
    until(page, "!document.getElementById('unreached').hidden")
    assert "You see what was so then; nothing can be decided" in page.locator("#unreached").inner_text()
    page.locator("[data-approve]").first.click()
    said(page, "nothing was decided. The reply stays held.")
    page.locator(".thumb a").first.click()
    said(page, "this page stays open as it was")
    assert page.locator("[data-held]").count() == shown and "/approvals/" in page.url
    page.context.set_offline(False)
    until(page, "document.getElementById('unreached').hidden")
    assert rows("SELECT id FROM release WHERE state = 'held' ORDER BY id") == before
    page.route("**/approvals/*/**", lambda route: route.fulfill(body="decided"))
    with page.expect_request(
        lambda one: one.method == "POST" and "decision=approve" in (one.post_data or "")
    ):
        page.locator("[data-approve]").first.click()


def test_a_server_that_does_not_answer_is_noticed_before_the_page_is_left(
    visit: Callable[..., Any], held: list[int], rows: Callable[..., list[Any]]
) -> None:
    """The device has a network, the server is away: an approval is refused; an act on a case waits and is done later."""
    page = visit("/approvals/")
    page.route("**/*", lambda route: route.abort())
    page.locator("[data-approve]").first.click()
    said(page, "nothing was decided")
    ((case,),) = rows("SELECT id FROM cases WHERE state = 'open' AND assignee_id IS NULL ORDER BY id LIMIT 1")
    page = visit(f"/case/{case}/?assignee=all")
    page.route("**/*", lambda route: route.abort())
    page.get_by_role("button", name="Take").click()
    until(page, "document.getElementById('unreached').innerText.includes('1 act waits for it')")
    assert rows("SELECT assignee_id FROM cases WHERE id = %s", case) == [(None,)]
    page.unroute("**/*")
    said(page, "The connection is back: 1 act done.")
    ((ann,),) = rows("SELECT assignee_id FROM cases WHERE id = %s", case)
    assert ann
    until(page, "document.querySelector('[data-case-acts]').innerText.includes('Give back')")
    rows("UPDATE cases SET assignee_id = NULL WHERE id = %s RETURNING 1", case)


def test_a_send_that_does_not_arrive_says_so_and_keeps_the_text(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=unassigned")
    page.locator("#rows .row").nth(3).click()
    page.wait_for_selector("#box")
    page.route("**/send/**", lambda route: route.fulfill(status=500, body="broken"))
    page.fill("#box", "We look into it.")
    page.get_by_role("button", name="Send and stay").click()
    said(page, "Something broke on our side (500). Nothing was changed. Your text is kept.")
    page.route("**/*", lambda route: route.abort())
    page.get_by_role("button", name="Send and stay").click()
    said(page, "nothing was sent. Your text is kept on this device.")
    assert page.input_value("#box") == "We look into it."
    page.unroute("**/*")
    page.fill("#box", "")
    until(page, "document.querySelector('[data-draft-state]').textContent === 'Draft kept'")
